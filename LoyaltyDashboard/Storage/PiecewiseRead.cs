using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// A read that may take as long as its reader does: first the row ids in their order, then the rows, piece by piece, on one connection. Between the pieces no statement is
/// open, so that the write-ahead log can be emptied however slowly the rows are taken. A place of the <see cref="QuestionGate"/> is held for each piece alone.
/// </summary>
public sealed class PiecewiseRead : IAsyncDisposable
{
    private readonly QuestionGate _gate;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _rows;
    private readonly StringBuilder _wanted = new();

    private PiecewiseRead(DashboardDb database, QuestionGate gate, string columns)
    {
        (Database, _gate) = (database, gate);
        _connection = (SqliteConnection)database.Database.GetDbConnection();
        _rows = _connection.CreateCommand();
        // A cross join is never turned round, so the rows come as the ids stand. A table whose columns nobody asks for is not read.
        _rows.CommandText = $"""
            SELECT i.RowId, {columns} FROM json_each($wanted) AS wanted CROSS JOIN imports AS i ON i.RowId = wanted.value
            LEFT JOIN sites AS s ON s.RowId = i.SiteRowId LEFT JOIN import_documents AS d ON d.RowId = i.RowId
            """;
        _rows.Parameters.Add("$wanted", SqliteType.Text);
    }

    /// <summary>The context to write the question for the ids with.</summary>
    public DashboardDb Database { get; }

    /// <summary>Opens the connection.</summary>
    /// <param name="databases">Where to.</param>
    /// <param name="gate">Where to ask for a place.</param>
    /// <param name="columns">What to read of each row: columns of <c>i</c>, the import; <c>s</c>, its site; <c>d</c>, its document.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<PiecewiseRead> OpenAsync(IDbContextFactory<DashboardDb> databases, QuestionGate gate, string columns, CancellationToken cancellation)
    {
        var database = await databases.CreateDbContextAsync(cancellation);
        try
        {
            await database.Database.OpenConnectionAsync(cancellation);
            return new PiecewiseRead(database, gate, columns);
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The row ids that a query of <see cref="Database"/> gives, in its order.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, even in the middle of sorting.</exception>
    public async Task<RowIdQueue> RowIdsAsync(IQueryable<long> query, CancellationToken cancellation)
    {
        using var place = await _gate.EnterAsync(cancellation);
        await using var command = (SqliteCommand)query.CreateDbCommand();
        var ids = new RowIdQueue();
        // Disposed before the connection is another's: it waits for an interrupt that is under way.
        await using var interrupt = cancellation.Register(() => raw.sqlite3_interrupt(_connection.Handle));
        try
        {
            SortOnDisk();
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                ids.Add(reader.GetInt64(0));
            }
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The question was given up.", exception, cancellation);
        }

        return ids;
    }

    /// <summary>Reads rows by their ids, in the order of these; ids that are gone are passed over.</summary>
    /// <param name="rowIds">Which.</param>
    /// <param name="take">Takes each row; the piece ends when it has no room for more.</param>
    /// <param name="cancellation">Stops it before it begins; a piece is short.</param>
    /// <returns>How many of the ids are done with.</returns>
    public async Task<int> RowsAsync(ReadOnlyMemory<long> rowIds, StoredRowTaker take, CancellationToken cancellation)
    {
        using var place = await _gate.EnterAsync(cancellation);
        _rows.Parameters[0].Value = ToJson(rowIds.Span);
        using var reader = _rows.ExecuteReader();
        var at = 0;
        while (reader.Read())
        {
            var rowId = reader.GetInt64(0);
            while (rowIds.Span[at] != rowId)
            {
                at++;
            }

            at++;
            if (!take(new StoredRow(reader.Handle!, first: 1)))
            {
                return at;
            }
        }

        return rowIds.Length;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await Database.DisposeAsync();
    }

    // Where no index gives the order, a million rows take a hundred megabytes to sort. Holds until the connection is opened for the next.
    private void SortOnDisk()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "PRAGMA temp_store=FILE";
        command.ExecuteNonQuery();
    }

    private string ToJson(ReadOnlySpan<long> rowIds)
    {
        _wanted.Clear().Append('[');
        foreach (var rowId in rowIds)
        {
            _wanted.Append(CultureInfo.InvariantCulture, $"{rowId},");
        }

        _wanted[^1] = ']';
        return _wanted.ToString();
    }
}
