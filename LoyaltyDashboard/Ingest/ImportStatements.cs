using System.Security.Cryptography;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>The imports: what a sighting does to the state, the history and the schedule. The newest sighting's document replaces the whole.</summary>
internal sealed class ImportStatements : IDisposable
{
    private const string StateColumns = "SiteRowId, Status, StatusWord, Revision, Created, Updated, LastSeen, FileName, FileSize, EmailColumn, PointsColumn, ParsedRowCount, ParseErrorReason, SuccessCount, FailureCount, ErrorFileExists, Verdict, FirstFinding, IsTestEvent, EntityEventSequence, Source, EntityHash, NextAsk, Gone, Stuck, StuckReason";
    private const int StateColumnCount = 26;

    private readonly ObservationStatements _observations;
    private readonly DocumentStatements _documents;
    private readonly SqlStatement _find;
    private readonly SqlStatement _insert;
    private readonly SqlStatement _update;
    private readonly SqlStatement _seen;
    private readonly SqlStatement _settle;
    private readonly SqlStatement _arrived;
    private readonly SqlStatement _siteOf;

    public ImportStatements(SqliteConnection connection)
    {
        var columns = StateColumns.Split(", ");
        _observations = new(connection);
        _documents = new(connection);
        _find = new(connection,
            """
            SELECT i.RowId, i.Revision, i.EntityEventSequence, i.Updated, i.Source, i.EntityHash, i.SiteRowId, d.EventJson, i.IsTestEvent, i.Status, i.Arrived, i.NextAsk, i.Gone, i.Stuck, i.StuckReason, i.Created
            FROM imports i JOIN import_documents d ON d.RowId = i.RowId WHERE i.Id = @0
            """,
            1);
        _insert = new(connection, $"INSERT INTO imports ({StateColumns}, Id, Arrived) VALUES ({string.Join(", ", Enumerable.Range(0, StateColumnCount + 2).Select(i => $"@{i}"))}) RETURNING RowId", StateColumnCount + 2);
        _update = new(connection, $"UPDATE imports SET {string.Join(", ", columns.Select((column, i) => $"{column} = @{i}"))} WHERE RowId = @{StateColumnCount}", StateColumnCount + 1);
        _seen = new(connection, "UPDATE imports SET LastSeen = @1, NextAsk = @2, Gone = @3 WHERE RowId = @0", 4);
        _settle = new(connection, "UPDATE imports SET SiteRowId = @1, IsTestEvent = @2 WHERE RowId = @0", 3);
        _arrived = new(connection, "UPDATE imports SET Arrived = @1 WHERE RowId = @0", 2);
        _siteOf = new(connection, "SELECT SiteRowId FROM imports WHERE Id = @0", 1);
    }

    /// <summary>Brings one sighting in: the state, the history, and when Wix is to be asked next.</summary>
    /// <param name="transaction">The batch.</param>
    /// <param name="observation">The sighting.</param>
    /// <param name="siteRowId">Its site, where known.</param>
    /// <param name="deliveryRowId">The delivery that brought it; null for an answer of the API.</param>
    public StoredSighting Upsert(SqliteTransaction transaction, ImportObservation observation, long? siteRowId, long? deliveryRowId)
    {
        var import = observation.Import;
        var json = ImportJson.Write(import);
        var hash = SHA256.HashData(json);
        var key = IdKey.Pack(import.Id);
        if (Find(transaction, key) is not { } known)
        {
            return Insert(transaction, observation, json, hash, key, siteRowId, deliveryRowId);
        }

        // What follows depends on the set of sightings, not on their order; but for the site, where two sites name the same import and the newest sighting names none.
        _observations.Note(transaction, known.RowId, observation, hash, deliveryRowId);
        var rank = new ObservationRank(import.Revision, observation.Event?.EntityEventSequence, import.UpdatedDate, observation.Source, ImportStatusWords.Parse(import.Status) != ImportStatus.Unknown, hash);
        var order = BelongsElsewhere(known, observation, siteRowId) ? 1 : rank.CompareTo(known.Rank);
        var isNewest = order >= 0;
        var isChanged = isNewest && !hash.AsSpan().SequenceEqual(known.Rank.EntityHash);
        var isTest = known.IsTest || IsTest(observation);
        var site = isNewest ? siteRowId ?? known.SiteRowId : known.SiteRowId ?? siteRowId;
        var (first, lastSeen) = _observations.Times(transaction, known.RowId, isNewest ? hash : known.Rank.EntityHash);
        var gone = observation.Source == ObservationSource.Api && observation.ObservedAt > known.Gone ? null : known.Gone;
        var status = isNewest ? ImportStatusWords.Parse(import.Status) : known.Status;
        var updated = isNewest ? import.UpdatedDate : known.Rank.UpdatedDate;

        // No clock is so far ahead: a date like this would make the import look new, and be asked for every two seconds, until it comes.
        var since = updated - observation.ObservedAt > FollowSchedule.FurthestAhead ? first : updated ?? known.Arrived;
        var nextAsk = NextAsk(observation, status, since, hash, isAskable: !isTest && site is not null && gone is null, isNewest, known.NextAsk);
        if (order > 0)
        {
            var (stuck, reason) = isChanged ? (null, null) : (known.Stuck, known.StuckReason);
            _update.Run(transaction, [.. State(observation, hash, site, isTest, lastSeen, nextAsk, gone, stuck, reason), known.RowId]);
            _documents.Update(transaction, known.RowId, observation, json);
        }
        else
        {
            _seen.Run(transaction, known.RowId, lastSeen, nextAsk, gone);
            if (isTest != known.IsTest || site != known.SiteRowId)
            {
                _settle.Run(transaction, known.RowId, site, isTest);
            }
        }

        var announcing = EarlierOf(known.Event, observation.Event);
        var isEarliest = announcing is not null && ReferenceEquals(announcing, observation.Event);
        if (isEarliest)
        {
            _documents.UpdateEvent(transaction, known.RowId, announcing!, deliveryRowId);
        }

        // Announced: when we first heard of it. Found by the API alone: when it was created.
        var arrived = announcing is not null ? first : (isNewest ? import.CreatedDate : known.Created) ?? first;
        if (arrived != known.Arrived)
        {
            _arrived.Run(transaction, known.RowId, arrived);
        }

        if (isChanged || isEarliest || known.SiteRowId is null)
        {
            _documents.UpdateText(transaction, known.RowId, announcing);
        }

        var isBackwards = !isNewest && RevisionOrder.Instance.Compare(import.Revision, known.Rank.Revision) < 0;
        return new(known.RowId, isNewest, isChanged || observation.Source != ObservationSource.Api || gone != known.Gone || !status.IsFinal(), nextAsk, isBackwards ? known.Rank.Revision : null);
    }

    /// <summary>The site an import is known to belong to; null if it is not known, or without one.</summary>
    public long? SiteOf(SqliteTransaction transaction, string importId) => (long?)_siteOf.Scalar(transaction, IdKey.Pack(importId));

    /// <inheritdoc/>
    public void Dispose()
    {
        _observations.Dispose();
        _documents.Dispose();
        foreach (var statement in (SqlStatement[])[_find, _insert, _update, _seen, _settle, _arrived, _siteOf])
        {
            statement.Dispose();
        }
    }

    private StoredSighting Insert(SqliteTransaction transaction, ImportObservation observation, byte[] json, byte[] hash, byte[] key, long? siteRowId, long? deliveryRowId)
    {
        var import = observation.Import;
        var arrived = observation.Source == ObservationSource.Api ? import.CreatedDate ?? observation.ObservedAt : observation.ObservedAt;
        var nextAsk = NextAsk(observation, ImportStatusWords.Parse(import.Status), import.UpdatedDate ?? arrived, hash, isAskable: siteRowId is not null && !IsTest(observation), isNewest: true, null);
        var rowId = (long)_insert.Scalar(transaction, [.. State(observation, hash, siteRowId, IsTest(observation), observation.ObservedAt, nextAsk, null, null, null), key, arrived])!;
        _documents.Insert(transaction, rowId, observation, json, deliveryRowId);
        _observations.Note(transaction, rowId, observation, hash, deliveryRowId);
        return new(rowId, IsNewest: true, IsVisible: true, nextAsk, null);
    }

    // A forward spoke for an import that Wix itself now shows at another site: whatever revision it claimed, it was not its to tell.
    private static bool BelongsElsewhere(Known known, ImportObservation observation, long? siteRowId) =>
        known.Rank.Source == ObservationSource.Sdk && observation.Source != ObservationSource.Sdk && siteRowId is not null && known.SiteRowId is not null && known.SiteRowId != siteRowId;

    // An answer is followed by the schedule; an announcement by a first question, soon.
    private static DateTimeOffset? NextAsk(ImportObservation observation, ImportStatus status, DateTimeOffset since, byte[] hash, bool isAskable, bool isNewest, DateTimeOffset? planned)
    {
        if (!isAskable || status.IsFinal())
        {
            return null;
        }

        var soon = observation.ObservedAt + FollowSchedule.First;
        return observation.Source == ObservationSource.Api ? FollowSchedule.NextAsk(status, since, observation.ObservedAt, BitConverter.ToInt64(hash))
            : planned is { } due && (!isNewest || due < soon) ? due
            : soon;
    }

    private static bool IsTest(ImportObservation observation) => observation.Event?.Id == WebhookDecoder.TestEventId;

    // Ties by id, then by content, so that the answer does not depend on the order of arrival.
    private static EventMetadata? EarlierOf(EventMetadata? known, EventMetadata? seen)
    {
        if (known is null || seen is null)
        {
            return known ?? seen;
        }

        var order = (known.EventTime ?? DateTimeOffset.MaxValue).CompareTo(seen.EventTime ?? DateTimeOffset.MaxValue);
        order = order != 0 ? order : string.CompareOrdinal(known.Id, seen.Id);
        order = order != 0 ? order : ImportJson.Write(known).AsSpan().SequenceCompareTo(ImportJson.Write(seen));
        return order <= 0 ? known : seen;
    }

    private static object?[] State(ImportObservation observation, byte[] hash, long? siteRowId, bool isTest, DateTimeOffset lastSeen, DateTimeOffset? nextAsk, DateTimeOffset? gone, DateTimeOffset? stuck, string? stuckReason)
    {
        var import = observation.Import;
        var status = ImportStatusWords.Parse(import.Status);
        var mapping = MappingHealth.Judge(import);
        return
        [
            siteRowId, status, import.Status == status.ToWord() ? (status == ImportStatus.Unknown ? import.Status : null) : import.Status, import.Revision, import.CreatedDate, import.UpdatedDate, lastSeen,
            import.FileMetadata?.Name, import.FileMetadata?.Size, ImportSummary.MappedColumn(import, ColumnMapping.Email), ImportSummary.MappedColumn(import, ColumnMapping.Points),
            import.ParseResult?.ParsedRowCount, import.ParseResult?.ParseErrorReason, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, import.ImportResult?.ErrorFileExists,
            mapping.Verdict, mapping.Findings.Count == 0 ? null : mapping.Findings[0].Code, isTest, observation.Event?.EntityEventSequence, observation.Source, hash, nextAsk, gone, stuck, stuckReason,
        ];
    }

    private Known? Find(SqliteTransaction transaction, byte[] key)
    {
        using var reader = _find.Read(transaction, key);
        if (!reader.Read())
        {
            return null;
        }

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        var rank = new ObservationRank(Text(1), Text(2), reader.IsDBNull(3) ? null : UtcTicks.To(reader.GetInt64(3)), (ObservationSource)reader.GetInt32(4), reader.GetInt32(9) != (int)ImportStatus.Unknown, reader.GetFieldValue<byte[]>(5));
        var theEvent = reader.IsDBNull(7) ? null : ImportJson.ReadEvent(reader.GetFieldValue<byte[]>(7));
        DateTimeOffset? Time(int column) => reader.IsDBNull(column) ? null : UtcTicks.To(reader.GetInt64(column));
        return new Known(
            reader.GetInt64(0), rank, reader.IsDBNull(6) ? null : reader.GetInt64(6), theEvent, reader.GetBoolean(8), (ImportStatus)reader.GetInt32(9), Time(15), Time(10)!.Value, Time(11), Time(12), Time(13), Text(14));
    }

    private sealed record Known(
        long RowId, ObservationRank Rank, long? SiteRowId, EventMetadata? Event, bool IsTest, ImportStatus Status, DateTimeOffset? Created, DateTimeOffset Arrived, DateTimeOffset? NextAsk, DateTimeOffset? Gone, DateTimeOffset? Stuck,
        string? StuckReason);
}

/// <summary>What a sighting did.</summary>
/// <param name="RowId">The import's row.</param>
/// <param name="IsNewest">Whether it is now the import's state.</param>
/// <param name="IsVisible">Whether who watches the import would see a difference.</param>
/// <param name="NextAsk">When Wix is to be asked next; null: not at all.</param>
/// <param name="NewerRevision">The known revision, where this one is older.</param>
internal readonly record struct StoredSighting(long RowId, bool IsNewest, bool IsVisible, DateTimeOffset? NextAsk, string? NewerRevision);
