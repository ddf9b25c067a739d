using System.Globalization;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// Masks the addresses in the searched texts, and in the headings beside them, of a database from before they were masked. Once, in small transactions of its own while nobody waits; a note says
/// how far it has come, and there is none where there is nothing to do: a new database has never had one.
/// </summary>
/// <param name="connection">The writer's own; it is disposed after this.</param>
internal sealed class OldTexts(WriterConnection connection) : IDisposable
{
    /// <summary>The note that there is something to do. The migration that brought masking wrote it, and its value is the last row done.</summary>
    public const string Note = "texts-to-mask";

    /// <summary>Rows looked at in one step; nearly none of them holds an address.</summary>
    public const int RowsPerStep = 2_048;

    private readonly SqliteStatement _reached = connection.Prepare($"SELECT Value FROM notes WHERE Name = '{Note}'");
    private readonly SqliteStatement _reach = connection.Prepare($"UPDATE notes SET Value = ?1 WHERE Name = '{Note}'");
    private readonly SqliteStatement _end = connection.Prepare($"DELETE FROM notes WHERE Name = '{Note}'");
    private readonly SqliteStatement _last = connection.Prepare($"SELECT max(RowId) FROM (SELECT RowId FROM import_texts WHERE RowId > ?1 ORDER BY RowId LIMIT {RowsPerStep})");
    private readonly SqliteStatement _texts = connection.Prepare(
        $"""
        SELECT t.RowId, t.Folded, d.Json, d.EventJson, s.InstanceId FROM import_texts AS t LEFT JOIN import_documents AS d ON d.RowId = t.RowId
        LEFT JOIN imports AS i ON i.RowId = t.RowId LEFT JOIN sites AS s ON s.RowId = i.SiteRowId WHERE t.RowId > ?1 AND t.RowId <= ?2 AND {HoldsAddress("t.Folded")}
        """);

    private readonly SqliteStatement _setText = connection.Prepare("UPDATE import_texts SET Folded = ?2 WHERE RowId = ?1");
    private readonly SqliteStatement _setColumns = connection.Prepare("UPDATE imports SET EmailColumn = ?2, PointsColumn = ?3 WHERE RowId = ?1");
    private readonly SqliteStatement _sites = connection.Prepare($"SELECT RowId, FoldedName FROM sites WHERE {HoldsAddress("FoldedName")}");
    private readonly SqliteStatement _setSite = connection.Prepare("UPDATE sites SET FoldedName = ?2 WHERE RowId = ?1");

    private bool _isDone;

    /// <summary>One step. Waits for nobody: a database that is locked gets none.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool Step()
    {
        if (_isDone || _reached.Scalar() is not string reached)
        {
            return !(_isDone = true);
        }

        using var transaction = connection.BeginUnlessLocked();
        if (transaction is null)
        {
            return false;
        }

        var from = long.Parse(reached, CultureInfo.InvariantCulture);
        var last = _last.Scalar(from) as long?;
        if (last is null)
        {
            MaskSites();
            _end.Run();
            _isDone = true;
        }
        else
        {
            MaskTexts(from, last.Value);
            _reach.Run(last.Value.ToString(CultureInfo.InvariantCulture));
        }

        transaction.Commit();
        return !_isDone;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_reached, _reach, _end, _last, _texts, _setText, _setColumns, _sites, _setSite])
        {
            statement.Dispose();
        }
    }

    private static string HoldsAddress(string column) => $"(instr({column}, '@') > 0 OR instr({column}, '%40') > 0)";

    private void MaskTexts(long from, long last)
    {
        List<(long RowId, string Text, LoyaltyImport? Import)> masked = [];
        using (var rows = _texts.Read(from, last))
        {
            while (rows.Read())
            {
                // From what Wix sent, as it would be written today; where that has been removed, what is left of it.
                var import = rows.IsNull(2) ? null : ImportJson.ReadImport(PackedJson.Unpack(rows.Bytes(2)));
                var text = import is null ? Mask.Text(rows.Text(1)) : ImportSummary.SearchText(import, rows.IsNull(3) ? null : ImportJson.ReadEvent(rows.Bytes(3)), rows.IsNull(4) ? null : IdKey.Unpack(rows.Bytes(4)));
                masked.Add((rows.Number(0), text, import));
            }
        }

        foreach (var (rowId, text, import) in masked)
        {
            _setText.Run(rowId, text);
            if (import is not null)
            {
                _setColumns.Run(rowId, ImportSummary.MappedColumn(import, ColumnMapping.Email), ImportSummary.MappedColumn(import, ColumnMapping.Points));
            }
        }
    }

    private void MaskSites()
    {
        List<(long RowId, string Name)> masked = [];
        using (var rows = _sites.Read())
        {
            while (rows.Read())
            {
                masked.Add((rows.Number(0), Mask.Text(rows.Text(1))));
            }
        }

        foreach (var (rowId, name) in masked)
        {
            _setSite.Run(rowId, name);
        }
    }
}
