using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>Takes a row while it stands in the database's own memory.</summary>
/// <returns>Whether there is room for more.</returns>
public delegate bool StoredRowTaker(StoredRow row);

/// <summary>The row a statement stands on, read without making an object of anything. Columns count from 0.</summary>
public readonly ref struct StoredRow
{
    private readonly sqlite3_stmt _statement;
    private readonly int _first;

    internal StoredRow(sqlite3_stmt statement, int first) => (_statement, _first) = (statement, first);

    /// <summary>Whether there is no value.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, _first + column) == raw.SQLITE_NULL;

    /// <summary>A whole number; 0 where there is no value.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, _first + column);

    /// <summary>The bytes of a blob, or a text in UTF-8, until the next row; empty where there is no value.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, _first + column);
}
