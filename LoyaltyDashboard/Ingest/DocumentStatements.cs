using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>What stands beside an import's narrow row: the whole document, the announcing event, the text that is searched.</summary>
internal sealed class DocumentStatements : IDisposable
{
    private readonly SqlStatement _insert;
    private readonly SqlStatement _update;
    private readonly SqlStatement _updateEvent;
    private readonly SqlStatement _insertText;
    private readonly SqlStatement _updateText;
    private readonly SqlStatement _readForText;

    public DocumentStatements(SqliteConnection connection)
    {
        _insert = new(connection, "INSERT INTO import_documents (RowId, Json, UnreadableFields, EventJson, EventDeliveryRowId) VALUES (@0, @1, @2, @3, @4)", 5);
        _update = new(connection, "UPDATE import_documents SET Json = @1, UnreadableFields = @2 WHERE RowId = @0", 3);
        _updateEvent = new(connection, "UPDATE import_documents SET EventJson = @1, EventDeliveryRowId = @2 WHERE RowId = @0", 3);
        _insertText = new(connection, "INSERT INTO import_texts (RowId, Folded) VALUES (@0, @1)", 2);
        _updateText = new(connection, "UPDATE import_texts SET Folded = @1 WHERE RowId = @0", 2);
        _readForText = new(connection, "SELECT d.Json, s.InstanceId FROM imports i JOIN import_documents d ON d.RowId = i.RowId LEFT JOIN sites s ON s.RowId = i.SiteRowId WHERE i.RowId = @0", 1);
    }

    /// <summary>Adds the document and the text of a new import.</summary>
    public void Insert(SqliteTransaction transaction, long rowId, ImportObservation observation, byte[] json, long? deliveryRowId)
    {
        _insert.Run(transaction, rowId, json, Lines(observation.UnreadableFields), observation.Event is { } announcing ? ImportJson.Write(announcing) : null, observation.Event is null ? null : deliveryRowId);
        _insertText.Run(transaction, rowId, ImportSummary.SearchText(observation.Import, observation.Event, observation.InstanceId));
    }

    /// <summary>Replaces the document by that of a newer sighting.</summary>
    public void Update(SqliteTransaction transaction, long rowId, ImportObservation observation, byte[] json) => _update.Run(transaction, rowId, json, Lines(observation.UnreadableFields));

    /// <summary>Replaces the announcing event by an earlier one.</summary>
    public void UpdateEvent(SqliteTransaction transaction, long rowId, EventMetadata announcing, long? deliveryRowId) => _updateEvent.Run(transaction, rowId, ImportJson.Write(announcing), deliveryRowId);

    /// <summary>Writes the searched text anew, from what is stored by now.</summary>
    public void UpdateText(SqliteTransaction transaction, long rowId, EventMetadata? announcing)
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

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_insert, _update, _updateEvent, _insertText, _updateText, _readForText])
        {
            statement.Dispose();
        }
    }

    private static string? Lines(IReadOnlyList<string> paths) => paths.Count == 0 ? null : string.Join('\n', paths);
}
