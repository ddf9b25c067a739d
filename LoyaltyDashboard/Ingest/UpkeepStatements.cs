using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>What <see cref="Upkeep"/> does to the database. Foreign keys are not checked on the writer's connection, so whatever refers to a row goes with it here.</summary>
internal sealed class UpkeepStatements : IDisposable
{
    private readonly UniqueKeys _deliveryKeys;
    private readonly UniqueKeys _importKeys;
    private readonly DocumentStatements _documents;
    private readonly List<SqliteStatement> _statements = [];
    private readonly Dictionary<(string Table, string Column), SqliteStatement> _cleanText;
    private readonly SqliteStatement _foldName;
    private readonly SqliteStatement _giveUpKey;
    private readonly SqliteStatement _clean;
    private readonly SqliteStatement _cleanRow;
    private readonly SqliteStatement _removeBody;
    private readonly SqliteStatement _noteBody;
    private readonly SqliteStatement _keyOfDelivery;
    private readonly SqliteStatement _removeDelivery;
    private readonly SqliteStatement _idOf;
    private readonly SqliteStatement _deliveriesOf;
    private readonly IReadOnlyList<SqliteStatement> _removeImport;
    private readonly SqliteStatement _removeSite;
    private readonly SqliteStatement _note;
    private readonly SqliteStatement _removeNote;

    public UpkeepStatements(WriterConnection connection, UniqueKeys deliveryKeys, UniqueKeys importKeys)
    {
        (_deliveryKeys, _importKeys) = (deliveryKeys, importKeys);
        _documents = new(connection);
        // Only what was read and judged; a document that is another by now was judged at the door, or is judged again.
        _clean = Prepare(
            $"""
            UPDATE import_documents SET Json = ?2, EventJson = ?3, Removed = ?4, RemovedFor = CASE RemovedFor WHEN {(int)RemovalReason.Anonymized} THEN RemovedFor ELSE ?5 END
            WHERE RowId = ?1 AND Json = ?6 AND EventJson IS ?7
            """);
        _cleanRow = Prepare(
            """
            UPDATE imports SET FileName = ?2, EmailColumn = ?3, PointsColumn = ?4, ParseErrorReason = ?5, StatusWord = CASE WHEN StatusWord IS NULL THEN NULL ELSE ?6 END, Revision = ?7
            WHERE RowId = ?1 AND (FileName IS NOT ?2 OR EmailColumn IS NOT ?3 OR PointsColumn IS NOT ?4 OR ParseErrorReason IS NOT ?5 OR (StatusWord IS NOT NULL AND StatusWord IS NOT ?6) OR Revision IS NOT ?7)
            """);
        _cleanText = PersonalTexts.Tables.SelectMany(table => table.Columns.Select(column => (table.Table, Column: column)))
            .ToDictionary(text => text, text => Prepare($"UPDATE {text.Table} SET {text.Column} = ?2 WHERE RowId = ?1 AND {text.Column} = ?3"));
        _foldName = Prepare("UPDATE sites SET FoldedName = ?2 WHERE RowId = ?1");
        _giveUpKey = Prepare("UPDATE deliveries SET DedupeKey = NULL WHERE RowId = ?1");
        _removeBody = Prepare("DELETE FROM delivery_bodies WHERE RowId = ?1");
        _noteBody = Prepare("UPDATE deliveries SET BodyRemoved = ?2, BodyRemovedFor = ?3 WHERE RowId = ?1");
        _keyOfDelivery = Prepare("SELECT DedupeKey FROM deliveries WHERE RowId = ?1");
        _removeDelivery = Prepare("DELETE FROM deliveries WHERE RowId = ?1");
        _idOf = Prepare("SELECT i.Id, s.InstanceId FROM imports AS i LEFT JOIN sites AS s ON s.RowId = i.SiteRowId WHERE i.RowId = ?1");
        _deliveriesOf = Prepare("SELECT RowId FROM deliveries WHERE ImportRowId = ?1");
        // The trigger on the text tells the search index.
        _removeImport = [.. ((string[])["observations WHERE ImportRowId", "import_documents WHERE RowId", "import_texts WHERE RowId", "imports WHERE RowId"]).Select(what => Prepare($"DELETE FROM {what} = ?1"))];
        _removeSite = Prepare("DELETE FROM sites WHERE RowId = ?1 AND NOT EXISTS (SELECT 1 FROM imports WHERE SiteRowId = ?1)");
        _note = Prepare("INSERT INTO notes (Name, Value) VALUES (?1, ?2) ON CONFLICT (Name) DO UPDATE SET Value = excluded.Value");
        _removeNote = Prepare("DELETE FROM notes WHERE Name = ?1");

        SqliteStatement Prepare(string sql)
        {
            var statement = connection.Prepare(sql);
            _statements.Add(statement);
            return statement;
        }
    }

    /// <summary>Does one piece, inside a transaction.</summary>
    public void Apply(Upkeep piece, HashSet<ChangedImport> changed)
    {
        piece.Begin();
        foreach (var document in piece.Documents)
        {
            Clean(document, piece, changed);
        }

        foreach (var text in piece.Texts)
        {
            Clean(text);
        }

        foreach (var rowId in piece.Bodies)
        {
            if (_removeBody.Run(rowId) > 0)
            {
                _noteBody.Run(rowId, piece.At, piece.Reason);
                piece.BodiesRemoved++;
            }
        }

        foreach (var rowId in piece.Deliveries)
        {
            RemoveDelivery(rowId);
        }

        foreach (var rowId in piece.Imports)
        {
            RemoveImport(rowId, piece, changed);
        }

        if (piece.Site is { } site)
        {
            _removeSite.Run(site);
        }

        if (piece.Note is var (name, value))
        {
            _ = value is null ? _removeNote.Run(name) : _note.Run(name, value);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _documents.Dispose();
        _statements.ForEach(statement => statement.Dispose());
    }

    private void Clean(CleanDocument document, Upkeep piece, HashSet<ChangedImport> changed)
    {
        if (_clean.Run(document.RowId, document.After, document.EventAfter, piece.At, piece.Reason, document.Before, document.EventBefore) == 0)
        {
            piece.Miss(document.RowId);
            return;
        }

        var import = document.Import;
        _cleanRow.Run(
            document.RowId, import.FileMetadata?.Name, ImportSummary.MappedColumn(import, ColumnMapping.Email), ImportSummary.MappedColumn(import, ColumnMapping.Points), import.ParseResult?.ParseErrorReason, import.Status, import.Revision);
        if (document.IsTextOther)
        {
            _documents.UpdateText(document.RowId, document.Event);
        }

        if (piece.IsTold && Find(document.RowId) is { } found)
        {
            changed.Add(found.Changed);
        }
    }

    // A text that is another by now was judged at the door.
    private void Clean(CleanText text)
    {
        if (_cleanText[(text.Table, text.Column)].Run(text.RowId, text.After, text.Before) == 0)
        {
            return;
        }

        switch (text)
        {
            case { Table: "sites", Column: nameof(SiteRecord.Name) }:
                _foldName.Run(text.RowId, SearchedText.Of(text.After));
                break;
            case { Table: "deliveries", Column: nameof(DeliveryRecord.EventId) }:
                // The key is made of the id.
                RemoveKey(text.RowId);
                _giveUpKey.Run(text.RowId);
                break;
        }
    }

    private void RemoveKey(long deliveryRowId)
    {
        if (_keyOfDelivery.Scalar(deliveryRowId) is byte[] key)
        {
            _deliveryKeys.Remove(key, deliveryRowId);
        }
    }

    private void RemoveDelivery(long rowId)
    {
        RemoveKey(rowId);
        _removeBody.Run(rowId);
        _removeDelivery.Run(rowId);
    }

    private void RemoveImport(long rowId, Upkeep piece, HashSet<ChangedImport> changed)
    {
        if (Find(rowId) is not { } found)
        {
            return;
        }

        var deliveries = new List<long>();
        using (var rows = _deliveriesOf.Read(rowId))
        {
            while (rows.Read())
            {
                deliveries.Add(rows.Number(0));
            }
        }

        deliveries.ForEach(RemoveDelivery);
        foreach (var statement in _removeImport)
        {
            statement.Run(rowId);
        }

        _importKeys.Remove(found.Key, rowId);
        if (piece.IsTold)
        {
            changed.Add(found.Changed);
        }
    }

    private (byte[] Key, ChangedImport Changed)? Find(long rowId)
    {
        using var rows = _idOf.Read(rowId);
        return rows.Read() && rows.Bytes(0) is var key ? (key, new(IdKey.Unpack(key), rows.IsNull(1) ? null : IdKey.Unpack(rows.Bytes(1)))) : null;
    }
}
