using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>What stands beside an import's narrow row: the whole document, the announcing event, the text that is searched.</summary>
internal sealed class DocumentStatements : IDisposable
{
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _updateEvent;
    private readonly SqliteStatement _insertText;
    private readonly SqliteStatement _updateText;
    private readonly SqliteStatement _readForText;

    public DocumentStatements(WriterConnection connection)
    {
        _insert = connection.Prepare("INSERT INTO import_documents (RowId, Json, UnreadableFields, EventJson, EventDeliveryRowId, Removed, RemovedFor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        _update = connection.Prepare("UPDATE import_documents SET Json = ?2, UnreadableFields = ?3, Removed = CASE WHEN RemovedFor = ?5 THEN Removed ELSE ?4 END, RemovedFor = ?5 WHERE RowId = ?1");
        _updateEvent = connection.Prepare("UPDATE import_documents SET EventJson = ?2, EventDeliveryRowId = ?3 WHERE RowId = ?1");
        _insertText = connection.Prepare("INSERT INTO import_texts (RowId, Folded) VALUES (?1, ?2)");
        _updateText = connection.Prepare("UPDATE import_texts SET Folded = ?2 WHERE RowId = ?1");
        _readForText = connection.Prepare("SELECT d.Json, s.InstanceId FROM imports i JOIN import_documents d ON d.RowId = i.RowId LEFT JOIN sites s ON s.RowId = i.SiteRowId WHERE i.RowId = ?1");
    }

    /// <summary>Adds the document and the text of a new import.</summary>
    public void Insert(long rowId, Sighting sighting, long? deliveryRowId)
    {
        _insert.Run(rowId, sighting.Json, Lines(sighting.Observation.UnreadableFields), sighting.EventJson, sighting.EventJson is null ? null : deliveryRowId, Removed(sighting), sighting.RemovedFor);
        _insertText.Run(rowId, sighting.SearchText);
    }

    /// <summary>Replaces the document by that of a newer sighting; where somebody has taken it away, it is there again.</summary>
    public void Update(long rowId, Sighting sighting)
    {
        if (_update.Run(rowId, sighting.Json, Lines(sighting.Observation.UnreadableFields), Removed(sighting), sighting.RemovedFor) == 0)
        {
            _insert.Run(rowId, sighting.Json, Lines(sighting.Observation.UnreadableFields), null, null, Removed(sighting), sighting.RemovedFor);
        }
    }

    /// <summary>Replaces the announcing event by an earlier one.</summary>
    public void UpdateEvent(long rowId, EventMetadata announcing, long? deliveryRowId) => _updateEvent.Run(rowId, ImportJson.Write(announcing), deliveryRowId);

    /// <summary>Writes the searched text anew, from what is stored by now.</summary>
    public void UpdateText(long rowId, EventMetadata? announcing)
    {
        LoyaltyImport import;
        string? instanceId;
        using (var reader = _readForText.Read(rowId))
        {
            if (!reader.Read())
            {
                // Without a document there is nothing to search.
                return;
            }

            import = ImportJson.ReadImport(PackedJson.Unpack(reader.Bytes(0)));
            instanceId = reader.IsNull(1) ? null : IdKey.Unpack(reader.Bytes(1));
        }

        _updateText.Run(rowId, ImportSummary.SearchText(import, announcing, instanceId));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_insert, _update, _updateEvent, _insertText, _updateText, _readForText])
        {
            statement.Dispose();
        }
    }

    private static DateTimeOffset? Removed(Sighting sighting) => sighting.RemovedFor == RemovalReason.None ? null : sighting.JudgedAt;

    private static string? Lines(IReadOnlyList<string> paths) => paths.Count == 0 ? null : string.Join('\n', paths);
}
