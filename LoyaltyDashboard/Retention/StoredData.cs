using System.Runtime.CompilerServices;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Retention;

/// <summary>
/// Reads what is stored piece by piece, on connections of its own that no question of a page waits for. Between two pieces nothing is open, so that the write-ahead log can be emptied however
/// long the whole takes.
/// </summary>
public sealed class StoredData(SqliteConnectionStringBuilder connection)
{
    /// <summary>Rows of a piece that are read and written together: the writer needs a few milliseconds for them.</summary>
    public const int Piece = 128;

    /// <summary>Rows that are only looked at together.</summary>
    public const int Look = 2_000;

    /// <summary>Bytes, unpacked, from which a piece of bodies is full: a body may have 2 MiB.</summary>
    internal const int BytesOfPiece = 4 * 1024 * 1024;

    private static readonly string _documents =
        $"SELECT i.RowId, i.Arrived, d.Json, d.EventJson, t.Folded FROM imports AS i JOIN import_documents AS d ON d.RowId = i.RowId LEFT JOIN import_texts AS t ON t.RowId = i.RowId";

    /// <summary>The documents of imports that arrived before a time, the oldest first, after a certain one.</summary>
    internal List<StoredDocument> DocumentsBefore(DateTimeOffset limit, (long Arrived, long RowId) after) => Read(
        $"{_documents.Replace("imports AS i", ListIndexes.Imports(ListIndexes.Arrived), StringComparison.Ordinal)} WHERE (i.Arrived, i.RowId) > (?2, ?3) AND i.Arrived < ?1 ORDER BY i.Arrived, i.RowId LIMIT {Piece}",
        ToDocument,
        limit,
        after.Arrived,
        after.RowId);

    /// <summary>Imports that arrived before a time, the oldest first, after a certain one.</summary>
    internal List<(long Arrived, long RowId)> ImportsBefore(DateTimeOffset limit, (long Arrived, long RowId) after) => Read(
        $"SELECT i.Arrived, i.RowId FROM {ListIndexes.Imports(ListIndexes.Arrived)} WHERE (i.Arrived, i.RowId) > (?2, ?3) AND i.Arrived < ?1 ORDER BY i.Arrived, i.RowId LIMIT {Piece / 4}",
        (ref readonly rows) => (rows.Number(0), rows.Number(1)),
        limit,
        after.Arrived,
        after.RowId);

    /// <summary>The documents of imports in the order of their rows, after a certain one.</summary>
    internal List<StoredDocument> DocumentsAfter(long rowId) => Read($"{_documents} WHERE i.RowId > ?1 ORDER BY i.RowId LIMIT {Piece}", ToDocument, rowId);

    /// <summary>Certain documents.</summary>
    internal List<StoredDocument> Documents(IReadOnlyList<long> rowIds) => [.. rowIds.SelectMany(rowId => Read($"{_documents} WHERE i.RowId = ?1", ToDocument, rowId))];

    /// <summary>Bodies in the order of their rows, after a certain one, as they were signed. So many that memory stays bounded, however large they are.</summary>
    internal List<(long RowId, byte[] Body)> BodiesAfter(long rowId)
    {
        var bytes = 0L;
        return ReadWhile(
            $"SELECT RowId, Body FROM delivery_bodies WHERE RowId > ?1 ORDER BY RowId LIMIT {Piece}",
            (ref readonly rows) => (RowId: rows.Number(0), Body: PackedJson.Unpack(rows.Bytes(1))),
            body => (bytes += body.Body.Length) < BytesOfPiece,
            rowId);
    }

    /// <summary>Texts of a range of rows in which an address may stand.</summary>
    internal List<(long RowId, string Text)> TextsBetween(string table, string column, long after, long last) =>
        Read($"SELECT RowId, {column} FROM {table} WHERE RowId > ?1 AND RowId <= ?2 AND {PersonalTexts.MayHoldAddress(column)}", (ref readonly rows) => (rows.Number(0), rows.Text(1)), after, last);

    /// <summary>The next rows of deliveries, and which of them came before a time.</summary>
    internal List<(long RowId, DateTimeOffset ReceivedAt)> DeliveriesAfter(long rowId) =>
        Read($"SELECT RowId, ReceivedAt FROM deliveries WHERE RowId > ?1 ORDER BY RowId LIMIT {Look}", (ref readonly rows) => (rows.Number(0), rows.Time(1)), rowId);

    /// <summary>Which deliveries in a range of rows have a body.</summary>
    internal List<long> BodiesBetween(long after, long last) =>
        Read("SELECT RowId FROM delivery_bodies WHERE RowId > ?1 AND RowId <= ?2 ORDER BY RowId", (ref readonly rows) => rows.Number(0), after, last);

    /// <summary>Numbers that a question finds, such as rows.</summary>
    internal List<long> Numbers(string sql, params object?[] values) => Read(sql, (ref readonly rows) => rows.Number(0), values);

    /// <summary>What was noted under a name.</summary>
    internal string? Note(string name) => Read("SELECT Value FROM notes WHERE Name = ?1", (ref readonly rows) => rows.Text(0), name) is [var value] ? value : null;

    /// <summary>The last row of a table; 0 without any.</summary>
    internal long LastRow(string table) => Numbers($"SELECT coalesce(max(RowId), 0) FROM {table}")[0];

    private static StoredDocument ToDocument(ref readonly SqliteRows rows) =>
        new(rows.Number(0), rows.Number(1), rows.Bytes(2), rows.IsNull(3) ? null : rows.Bytes(3), rows.TextOrNull(4) ?? string.Empty);

    private List<T> Read<T>(string sql, RowReader<T> read, params object?[] values) => ReadWhile(sql, read, _ => true, values);

    // The row with which there is enough is the last one.
    private List<T> ReadWhile<T>(string sql, RowReader<T> read, Predicate<T> isMoreWanted, params object?[] values)
    {
        using var database = SqliteSetup.Open(connection.ConnectionString);
        using var statement = new SqliteStatement(database.Handle!, sql);
        var rows = statement.Read(values);
        try
        {
            var found = new List<T>();
            var isFull = false;
            while (!isFull && rows.Read())
            {
                found.Add(read(in rows));
                isFull = !isMoreWanted(found[^1]);
            }

            return found;
        }
        finally
        {
            rows.Dispose();
        }
    }

    private delegate T RowReader<T>(ref readonly SqliteRows rows);
}

/// <summary>A document as it is stored.</summary>
internal sealed record StoredDocument(long RowId, long Arrived, byte[] Json, byte[]? EventJson, string SearchText);
