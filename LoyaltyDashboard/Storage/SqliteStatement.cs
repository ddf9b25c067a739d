using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// One statement of the writer, compiled once, its parameters set by position. It speaks to SQLite itself: ADO looks every parameter up by name at every call, which costs
/// more than the statement.
/// </summary>
public sealed class SqliteStatement : IDisposable
{
    private const int LargestOnStack = 1024;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>Compiles a statement whose parameters are named <c>?1</c>, <c>?2</c> ….</summary>
    /// <param name="database">An open connection; the statement is disposed before it.</param>
    /// <param name="sql">The statement.</param>
    /// <exception cref="SqliteException">It is no SQL, or names what is not there.</exception>
    internal SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        var code = raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement);
        if (code != raw.SQLITE_OK)
        {
            throw Fault(code);
        }
    }

    /// <summary>Runs it; returns the first column of the first row: a <see cref="long"/>, a <see cref="string"/>, an array of bytes; null if there is none.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public object? Scalar(params ReadOnlySpan<object?> values)
    {
        using var rows = Read(values);
        return !rows.Read() || rows.IsNull(0) ? null : raw.sqlite3_column_type(_statement, 0) switch
        {
            raw.SQLITE_INTEGER => rows.Number(0),
            raw.SQLITE_TEXT => rows.Text(0),
            raw.SQLITE_BLOB => rows.Bytes(0),
            var type => throw new InvalidOperationException($"No statement of the writer has a result of type {type}."),
        };
    }

    /// <summary>Runs it; returns how many rows it changed.</summary>
    /// <exception cref="SqliteException">The database refused.</exception>
    public int Run(params ReadOnlySpan<object?> values)
    {
        using var rows = Read(values);
        return rows.Read() ? throw new InvalidOperationException("The statement has rows to read.") : raw.sqlite3_changes(_database);
    }

    /// <summary>Begins it; the caller reads the rows and disposes them before the statement is used again.</summary>
    /// <exception cref="SqliteException">A value is too large for a row.</exception>
    public SqliteRows Read(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var code = Bind(i + 1, values[i]);
            if (code != raw.SQLITE_OK)
            {
                throw Fault(code);
            }
        }

        return new SqliteRows(this, _statement);
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    internal SqliteException Fault(int code) => new($"SQLite Error {code & 0xFF}: '{raw.sqlite3_errmsg(_database).utf8_to_string()}'.", code & 0xFF, raw.sqlite3_extended_errcode(_database));

    private int Bind(int index, object? value) => value switch
    {
        null => raw.sqlite3_bind_null(_statement, index),
        long number => raw.sqlite3_bind_int64(_statement, index, number),
        string text => BindText(index, text),
        // A pointer to nothing would be NULL.
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(_statement, index, 0),
        byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
        DateTimeOffset time => raw.sqlite3_bind_int64(_statement, index, UtcTicks.From(time)),
        bool flag => raw.sqlite3_bind_int64(_statement, index, flag ? 1 : 0),
        int number => raw.sqlite3_bind_int64(_statement, index, number),
        Enum word => raw.sqlite3_bind_int64(_statement, index, Convert.ToInt64(word, System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"The writer binds no {value.GetType().Name}.", nameof(value)),
    };

    private int BindText(int index, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > LargestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        // One byte more than the text, so that there is something to point to when it is empty.
        Span<byte> bytes = rented ?? stackalloc byte[LargestOnStack + 1];
        var length = Encoding.UTF8.GetBytes(text, bytes);
        var code = length == 0 ? raw.sqlite3_bind_text(_statement, index, string.Empty) : raw.sqlite3_bind_text(_statement, index, bytes[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }
}

/// <summary>The rows of a statement that runs. Disposing makes the statement ready for its next use.</summary>
public readonly ref struct SqliteRows : IDisposable
{
    private readonly SqliteStatement _owner;
    private readonly sqlite3_stmt _statement;

    internal SqliteRows(SqliteStatement owner, sqlite3_stmt statement) => (_owner, _statement) = (owner, statement);

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="SqliteException">The database refused.</exception>
    public bool Read() => raw.sqlite3_step(_statement) switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var code => throw _owner.Fault(code),
    };

    /// <summary>Whether a column is NULL.</summary>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <summary>A column as a number.</summary>
    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A column as a number; null if it is NULL.</summary>
    public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    /// <summary>A column as a yes or no.</summary>
    public bool Flag(int column) => Number(column) != 0;

    /// <summary>A column as text; null if it is NULL.</summary>
    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>A column as text.</summary>
    public string Text(int column)
    {
        // As a blob, since a text may hold a zero.
        var bytes = raw.sqlite3_column_blob(_statement, column);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A column as bytes.</summary>
    public byte[] Bytes(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    /// <summary>A column as a time; null if it is NULL.</summary>
    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : UtcTicks.To(Number(column));

    /// <summary>A column as a time.</summary>
    public DateTimeOffset Time(int column) => UtcTicks.To(Number(column));

    /// <inheritdoc/>
    public void Dispose()
    {
        // The code of a reset repeats that of the step before it, which was thrown already.
        _ = raw.sqlite3_reset(_statement);
    }
}
