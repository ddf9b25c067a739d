using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>The import's three rows: narrow row, document, search text. The newest sighting's document replaces the whole.</summary>
internal sealed class ImportStatements : IDisposable
{
    private const string StateColumns = "SiteRowId, Status, StatusWord, Revision, Created, Updated, LastSeen, FileName, FileSize, EmailColumn, PointsColumn, ParsedRowCount, ParseErrorReason, SuccessCount, FailureCount, ErrorFileExists, Verdict, FirstFinding, IsTestEvent, EntityEventSequence, Source, EntityHash";
    private const int StateColumnCount = 22;

    private readonly SqlStatement _find;
    private readonly SqlStatement _insert;
    private readonly SqlStatement _update;
    private readonly SqlStatement _seen;
    private readonly SqlStatement _readForText;
    private readonly SqlStatement _insertDocument;
    private readonly SqlStatement _updateDocument;
    private readonly SqlStatement _updateEvent;
    private readonly SqlStatement _insertText;
    private readonly SqlStatement _updateText;

    public ImportStatements(SqliteConnection connection)
    {
        var columns = StateColumns.Split(", ");
        _find = new(connection, "SELECT i.RowId, i.Revision, i.EntityEventSequence, i.Updated, i.Source, i.EntityHash, i.SiteRowId, d.EventJson, i.IsTestEvent, i.LastSeen FROM imports i JOIN import_documents d ON d.RowId = i.RowId WHERE i.Id = @0", 1);
        _insert = new(connection, $"INSERT INTO imports ({StateColumns}, Id, Arrived) VALUES ({string.Join(", ", Enumerable.Range(0, StateColumnCount + 2).Select(i => $"@{i}"))}) RETURNING RowId", StateColumnCount + 2);
        _update = new(connection, $"UPDATE imports SET {string.Join(", ", columns.Select((column, i) => $"{column} = @{i}"))} WHERE RowId = @{StateColumnCount}", StateColumnCount + 1);
        _seen = new(connection, "UPDATE imports SET LastSeen = @1, SiteRowId = @2, IsTestEvent = @3 WHERE RowId = @0", 4);
        _readForText = new(connection, "SELECT d.Json, s.InstanceId FROM imports i JOIN import_documents d ON d.RowId = i.RowId LEFT JOIN sites s ON s.RowId = i.SiteRowId WHERE i.RowId = @0", 1);
        _insertDocument = new(connection, "INSERT INTO import_documents (RowId, Json, UnreadableFields, EventJson, EventDeliveryRowId) VALUES (@0, @1, @2, @3, @4)", 5);
        _updateDocument = new(connection, "UPDATE import_documents SET Json = @1, UnreadableFields = @2 WHERE RowId = @0", 3);
        _updateEvent = new(connection, "UPDATE import_documents SET EventJson = @1, EventDeliveryRowId = @2 WHERE RowId = @0", 3);
        _insertText = new(connection, "INSERT INTO import_texts (RowId, Folded) VALUES (@0, @1)", 2);
        _updateText = new(connection, "UPDATE import_texts SET Folded = @1 WHERE RowId = @0", 2);
    }

    /// <summary>Brings one sighting in.</summary>
    /// <returns>The import's row, and whether this sighting is now its state.</returns>
    public (long RowId, bool IsNewest) Upsert(SqliteTransaction transaction, ImportObservation observation, byte[] json, byte[] hash, long? siteRowId, long deliveryRowId)
    {
        var import = observation.Import;
        var key = IdKey.Pack(import.Id);
        if (Find(transaction, key) is not { } known)
        {
            var rowId = (long)_insert.Scalar(transaction, [.. State(observation, hash, siteRowId, IsTest(observation), observation.ObservedAt), key, observation.ObservedAt])!;
            _insertDocument.Run(transaction, rowId, json, Lines(observation.UnreadableFields), observation.Event is { } first ? ImportJson.Write(first) : null, observation.Event is null ? null : deliveryRowId);
            _insertText.Run(transaction, rowId, ImportSummary.SearchText(import, observation.Event, observation.InstanceId));
            return (rowId, true);
        }

        // What follows depends on the set of sightings, not on their order; but for the site, where two sites name the same import and the newest sighting names none.
        var rank = new ObservationRank(import.Revision, observation.Event?.EntityEventSequence, import.UpdatedDate, observation.Source, hash);
        var isNewest = rank.CompareTo(known.Rank) >= 0;
        var isTest = known.IsTest || IsTest(observation);
        var lastSeen = observation.ObservedAt > known.LastSeen ? observation.ObservedAt : known.LastSeen;
        if (isNewest)
        {
            _update.Run(transaction, [.. State(observation, hash, siteRowId ?? known.SiteRowId, isTest, lastSeen), known.RowId]);
            _updateDocument.Run(transaction, known.RowId, json, Lines(observation.UnreadableFields));
        }
        else
        {
            _seen.Run(transaction, known.RowId, lastSeen, known.SiteRowId ?? siteRowId, isTest);
        }

        var announcing = EarlierOf(known.Event, observation.Event);
        var isEarliest = announcing is not null && ReferenceEquals(announcing, observation.Event);
        if (isEarliest)
        {
            _updateEvent.Run(transaction, known.RowId, ImportJson.Write(announcing!), deliveryRowId);
        }

        if (isNewest || isEarliest || known.SiteRowId is null)
        {
            UpdateText(transaction, known.RowId, announcing);
        }

        return (known.RowId, isNewest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_find, _insert, _update, _seen, _readForText, _insertDocument, _updateDocument, _updateEvent, _insertText, _updateText])
        {
            statement.Dispose();
        }
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

    private static object?[] State(ImportObservation observation, byte[] hash, long? siteRowId, bool isTest, DateTimeOffset lastSeen)
    {
        var import = observation.Import;
        var status = ImportStatusWords.Parse(import.Status);
        var mapping = MappingHealth.Judge(import);
        return
        [
            siteRowId, status, import.Status == status.ToWord() ? (status == ImportStatus.Unknown ? import.Status : null) : import.Status, import.Revision, import.CreatedDate, import.UpdatedDate, lastSeen,
            import.FileMetadata?.Name, import.FileMetadata?.Size, ImportSummary.MappedColumn(import, ColumnMapping.Email), ImportSummary.MappedColumn(import, ColumnMapping.Points),
            import.ParseResult?.ParsedRowCount, import.ParseResult?.ParseErrorReason, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, import.ImportResult?.ErrorFileExists,
            mapping.Verdict, mapping.Findings.Count == 0 ? null : mapping.Findings[0].Code, isTest, observation.Event?.EntityEventSequence, observation.Source, hash,
        ];
    }

    private static string? Lines(IReadOnlyList<string> paths) => paths.Count == 0 ? null : string.Join('\n', paths);

    private Known? Find(SqliteTransaction transaction, byte[] key)
    {
        using var reader = _find.Read(transaction, key);
        if (!reader.Read())
        {
            return null;
        }

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
        var rank = new ObservationRank(Text(1), Text(2), reader.IsDBNull(3) ? null : UtcTicks.To(reader.GetInt64(3)), (ObservationSource)reader.GetInt32(4), reader.GetFieldValue<byte[]>(5));
        var theEvent = reader.IsDBNull(7) ? null : ImportJson.ReadEvent(reader.GetFieldValue<byte[]>(7));
        return new Known(reader.GetInt64(0), rank, reader.IsDBNull(6) ? null : reader.GetInt64(6), theEvent, reader.GetBoolean(8), UtcTicks.To(reader.GetInt64(9)));
    }

    private void UpdateText(SqliteTransaction transaction, long rowId, EventMetadata? announcing)
    {
        LoyaltyImport import;
        string? instanceId;
        using (var reader = _readForText.Read(transaction, rowId))
        {
            reader.Read();
            import = ImportJson.ReadImport(reader.GetFieldValue<byte[]>(0));
            instanceId = reader.IsDBNull(1) ? null : IdKey.Unpack(reader.GetFieldValue<byte[]>(1));
        }

        _updateText.Run(transaction, rowId, ImportSummary.SearchText(import, announcing, instanceId));
    }

    private sealed record Known(long RowId, ObservationRank Rank, long? SiteRowId, EventMetadata? Event, bool IsTest, DateTimeOffset LastSeen);
}
