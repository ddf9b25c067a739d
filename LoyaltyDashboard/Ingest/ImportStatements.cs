using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>The imports: what a sighting does to the state, the history and the schedule. The newest sighting's document replaces the whole.</summary>
internal sealed class ImportStatements : IDisposable
{
    private const string StateColumns = "SiteRowId, Status, StatusWord, Revision, Created, Updated, LastSeen, FileName, FileSize, EmailColumn, PointsColumn, ParsedRowCount, ParseErrorReason, SuccessCount, FailureCount, ErrorFileExists, Verdict, FirstFinding, IsTestEvent, EntityEventSequence, Source, EntityHash, NextAsk, Gone, Stuck, StuckReason";
    private const int StateColumnCount = 26;

    private readonly ObservationStatements _observations;
    private readonly DocumentStatements _documents;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _seen;
    private readonly SqliteStatement _settle;
    private readonly SqliteStatement _arrived;
    private readonly WriterConnection _connection;
    private readonly UniqueKeys _keys;
    private long _nextRowId;

    public ImportStatements(WriterConnection connection, UniqueKeys keys)
    {
        var columns = StateColumns.Split(", ");
        _observations = new(connection);
        _documents = new(connection);
        _find = connection.Prepare(
            """
            SELECT i.RowId, i.Revision, i.EntityEventSequence, i.Updated, i.Source, i.EntityHash, i.SiteRowId, d.EventJson, i.IsTestEvent, i.Status, i.Arrived, i.NextAsk, i.Gone, i.Stuck, i.StuckReason, i.Created, coalesce(d.RemovedFor, 0)
            FROM imports i LEFT JOIN import_documents d ON d.RowId = i.RowId WHERE i.RowId = ?1 AND i.Id = ?2
            """);
        _insert = connection.Prepare($"INSERT INTO imports ({StateColumns}, Id, Arrived, RowId, Settled) VALUES ({string.Join(", ", Enumerable.Range(0, StateColumnCount + 3).Select(i => $"?{i + 1}"))}, NULL)");
        _update = connection.Prepare($"UPDATE imports SET {string.Join(", ", columns.Select((column, i) => $"{column} = ?{i + 1}"))} WHERE RowId = ?{StateColumnCount + 1}");
        _seen = connection.Prepare("UPDATE imports SET LastSeen = ?2, NextAsk = ?3, Gone = ?4 WHERE RowId = ?1");
        _settle = connection.Prepare("UPDATE imports SET SiteRowId = ?2, IsTestEvent = ?3 WHERE RowId = ?1");
        _arrived = connection.Prepare("UPDATE imports SET Arrived = ?2 WHERE RowId = ?1");
        _connection = connection;
        _keys = keys;
    }

    /// <summary>The import of a sighting as it is known so far; null if it is new.</summary>
    public KnownImport? Find(Sighting sighting)
    {
        if (_keys.Find(sighting.Key) is not { } rowId)
        {
            return null;
        }

        using var reader = _find.Read(rowId, sighting.Key);
        if (!reader.Read())
        {
            return null;
        }

        var rank = new ObservationRank(
            reader.TextOrNull(1), reader.TextOrNull(2), reader.TimeOrNull(3), (ObservationSource)reader.Number(4), reader.Number(9) != (int)ImportStatus.Unknown, reader.Bytes(5));
        return new KnownImport(
            reader.Number(0), rank, reader.NumberOrNull(6), reader.IsNull(7) ? null : ImportJson.ReadEvent(reader.Bytes(7)), reader.Flag(8), (ImportStatus)reader.Number(9), reader.TimeOrNull(15), reader.Time(10),
            reader.TimeOrNull(11), reader.TimeOrNull(12), reader.TimeOrNull(13), reader.TextOrNull(14), (RemovalReason)reader.Number(16));
    }

    /// <summary>The row that the next new import gets.</summary>
    public long NextRowId => _nextRowId;

    /// <summary>Looks where the rows end. Before the first sighting, and when somebody else has written.</summary>
    public void Recount() => _nextRowId = _connection.NextRowId("imports");

    /// <summary>Brings one sighting in: the state, the history, and when Wix is to be asked next.</summary>
    /// <param name="sighting">The sighting.</param>
    /// <param name="known">What <see cref="Find"/> found.</param>
    /// <param name="siteRowId">Its site, where known.</param>
    /// <param name="deliveryRowId">The delivery that brought it; null for an answer of the API.</param>
    public StoredSighting Upsert(Sighting sighting, KnownImport? known, long? siteRowId, long? deliveryRowId)
    {
        if (known is null)
        {
            return Insert(sighting, siteRowId, deliveryRowId);
        }

        var (observation, import, hash) = (sighting.Observation, sighting.Import, sighting.Hash);

        // What follows depends on the set of sightings, not on their order; but for the site, where two sites name the same import and the newest sighting names none.
        _observations.Note(known.RowId, sighting, deliveryRowId);
        var order = BelongsElsewhere(known, observation, siteRowId) ? 1 : sighting.Rank.CompareTo(known.Rank);
        var isNewest = order >= 0;
        var isChanged = isNewest && !hash.AsSpan().SequenceEqual(known.Rank.EntityHash);
        var isTest = known.IsTest || sighting.IsTest;
        var site = isNewest ? siteRowId ?? known.SiteRowId : known.SiteRowId ?? siteRowId;
        var (first, lastSeen) = _observations.Times(known.RowId, isNewest ? hash : known.Rank.EntityHash);
        var gone = observation.Source == ObservationSource.Api && observation.ObservedAt > known.Gone ? null : known.Gone;
        var status = isNewest ? sighting.Status : known.Status;
        var updated = isNewest ? import.UpdatedDate : known.Rank.UpdatedDate;

        // No clock is so far ahead: a date like this would make the import look new, and be asked for every two seconds, until it comes.
        var since = updated - observation.ObservedAt > FollowSchedule.FurthestAhead ? first : updated ?? known.Arrived;
        var nextAsk = NextAsk(observation, status, since, hash, isAskable: !isTest && site is not null && gone is null, isNewest, known.NextAsk);
        // Announced: when we first heard of it. Found by the API alone: when it was created.
        var announcing = EarlierOf(known.Event, observation.Event);
        var arrived = announcing is not null ? first : (isNewest ? import.CreatedDate : known.Created) ?? first;
        sighting = sighting.For(arrived, known.RemovedFor);
        if (order > 0)
        {
            var (stuck, reason) = isChanged ? (null, null) : (known.Stuck, known.StuckReason);
            _update.Run([.. State(sighting, site, isTest, lastSeen, nextAsk, gone, stuck, reason), known.RowId]);
            _documents.Update(known.RowId, sighting);
        }
        else
        {
            _seen.Run(known.RowId, lastSeen, nextAsk, gone);
            if (isTest != known.IsTest || site != known.SiteRowId)
            {
                _settle.Run(known.RowId, site, isTest);
            }
        }

        var isEarliest = announcing is not null && ReferenceEquals(announcing, observation.Event);
        if (isEarliest)
        {
            _documents.UpdateEvent(known.RowId, sighting.Observation.Event!, deliveryRowId);
        }

        if (arrived != known.Arrived)
        {
            _arrived.Run(known.RowId, arrived);
        }

        if (isChanged || isEarliest || known.SiteRowId is null)
        {
            _documents.UpdateText(known.RowId, isEarliest ? sighting.Observation.Event : announcing);
        }

        var isBackwards = !isNewest && RevisionOrder.Instance.Compare(import.Revision, known.Rank.Revision) < 0;
        return new(known.RowId, site, isNewest, isChanged || observation.Source != ObservationSource.Api || gone != known.Gone || !status.IsFinal(), nextAsk, isBackwards ? known.Rank.Revision : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _observations.Dispose();
        _documents.Dispose();
        foreach (var statement in (SqliteStatement[])[_find, _insert, _update, _seen, _settle, _arrived])
        {
            statement.Dispose();
        }
    }

    private StoredSighting Insert(Sighting sighting, long? siteRowId, long? deliveryRowId)
    {
        var (observation, import) = (sighting.Observation, sighting.Import);
        var arrived = observation.Source == ObservationSource.Api ? import.CreatedDate ?? observation.ObservedAt : observation.ObservedAt;
        sighting = sighting.For(arrived, RemovalReason.None);
        var nextAsk = NextAsk(observation, sighting.Status, import.UpdatedDate ?? arrived, sighting.Hash, isAskable: siteRowId is not null && !sighting.IsTest, isNewest: true, null);
        var rowId = _nextRowId++;
        _insert.Run([.. State(sighting, siteRowId, sighting.IsTest, observation.ObservedAt, nextAsk, null, null, null), sighting.Key, arrived, rowId]);
        _keys.Add(sighting.Key, rowId);
        _documents.Insert(rowId, sighting, deliveryRowId);
        _observations.Note(rowId, sighting, deliveryRowId);
        return new(rowId, siteRowId, IsNewest: true, IsVisible: true, nextAsk, null);
    }

    // A forward spoke for an import that Wix itself now shows at another site: whatever revision it claimed, it was not its to tell.
    private static bool BelongsElsewhere(KnownImport known, ImportObservation observation, long? siteRowId) =>
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

    private static object?[] State(Sighting sighting, long? siteRowId, bool isTest, DateTimeOffset lastSeen, DateTimeOffset? nextAsk, DateTimeOffset? gone, DateTimeOffset? stuck, string? stuckReason)
    {
        var (import, status, mapping) = (sighting.Import, sighting.Status, sighting.Mapping);
        return
        [
            siteRowId, status, import.Status == status.ToWord() ? (status == ImportStatus.Unknown ? import.Status : null) : import.Status, import.Revision, import.CreatedDate, import.UpdatedDate, lastSeen,
            import.FileMetadata?.Name, import.FileMetadata?.Size, ImportSummary.MappedColumn(import, ColumnMapping.Email), ImportSummary.MappedColumn(import, ColumnMapping.Points),
            import.ParseResult?.ParsedRowCount, import.ParseResult?.ParseErrorReason, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, import.ImportResult?.ErrorFileExists,
            mapping.Verdict, mapping.Findings.Count == 0 ? null : mapping.Findings[0].Code, isTest, sighting.Observation.Event?.EntityEventSequence, sighting.Observation.Source, sighting.Hash, nextAsk, gone, stuck, stuckReason,
        ];
    }
}

/// <summary>What is known of an import before a sighting.</summary>
internal sealed record KnownImport(
    long RowId, ObservationRank Rank, long? SiteRowId, EventMetadata? Event, bool IsTest, ImportStatus Status, DateTimeOffset? Created, DateTimeOffset Arrived, DateTimeOffset? NextAsk, DateTimeOffset? Gone, DateTimeOffset? Stuck,
    string? StuckReason, RemovalReason RemovedFor);

/// <summary>What a sighting did.</summary>
/// <param name="RowId">The import's row.</param>
/// <param name="SiteRowId">The site that the import belongs to now, where known.</param>
/// <param name="IsNewest">Whether it is now the import's state.</param>
/// <param name="IsVisible">Whether who watches the import would see a difference.</param>
/// <param name="NextAsk">When Wix is to be asked next; null: not at all.</param>
/// <param name="NewerRevision">The known revision, where this one is older.</param>
internal readonly record struct StoredSighting(long RowId, long? SiteRowId, bool IsNewest, bool IsVisible, DateTimeOffset? NextAsk, string? NewerRevision);
