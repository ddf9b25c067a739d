using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Brings pages from the write-ahead log home. Left to SQLite, the commit that fills the log would do it, and everybody behind it would wait. Here another thread copies
/// the bulk on a connection of its own while the writer goes on; what was added meanwhile is little, and the writer brings that home itself between two commits, after which
/// the log begins anew. Only the writer's thread calls this.
/// </summary>
internal sealed class LogKeeper : IDisposable
{
    /// <summary>Pages in the log from which it is worth it: 16 MB. Pages that change again and again (the ends of tables, the indexes) are brought home once for many commits.</summary>
    public const int Enough = 4_000;

    // As many as the writer may bring home while others wait for it: 1 MB.
    private const int FewEnough = 256;

    private const string BringHome = "PRAGMA wal_checkpoint(PASSIVE)";

    private readonly string _connectionString;
    private readonly SqliteStatement _state;
    private readonly SqliteStatement _bringHome;
    private readonly SqliteStatement _empty;
    private Task? _bulk;

    /// <summary>Prepares it for the writer's connection.</summary>
    public LogKeeper(string connectionString, WriterConnection writer)
    {
        _connectionString = connectionString;
        _state = writer.Prepare("PRAGMA wal_checkpoint(NOOP)");
        _bringHome = writer.Prepare(BringHome);
        _empty = writer.Prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>Pages in the log that are not at home yet.</summary>
    public long Pages
    {
        get
        {
            using var rows = _state.Read();
            return rows.Read() ? rows.Number(1) - rows.Number(2) : 0;
        }
    }

    /// <summary>Whether the other thread copies now.</summary>
    public bool IsCopying => _bulk is { IsCompleted: false };

    /// <summary>Looks after the log. Call between two commits, when nobody waits for this thread.</summary>
    /// <exception cref="SqliteException">The database could not be written. What is committed is in the log and safe.</exception>
    public void Tend()
    {
        if (_bulk is { IsCompleted: true })
        {
            _bulk = null;
            using var rows = _bringHome.Read();
            rows.Read();
        }
        else if (_bulk is null && Pages >= Enough)
        {
            _bulk = Task.Run(BringBulkHome);
        }
    }

    /// <summary>
    /// Brings all home and cuts the file to nothing. While others read what is in the log, or while there is much in it, another thread copies first: then the answer is no, and
    /// whoever wants it asks again.
    /// </summary>
    /// <returns>Whether the file is empty.</returns>
    /// <exception cref="SqliteException">The database could not be written.</exception>
    public bool TryEmpty()
    {
        if (IsCopying)
        {
            return false;
        }

        if (_bulk is null && Pages > FewEnough)
        {
            _bulk = Task.Run(BringBulkHome);
            return false;
        }

        _bulk = null;
        using var rows = _empty.Read();
        return rows.Read() && rows.Number(0) == 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bulk?.Wait();
        _state.Dispose();
        _bringHome.Dispose();
        _empty.Dispose();
    }

    // A fault of the disk meets the writer, too, and is told there.
    private void BringBulkHome()
    {
        try
        {
            using var database = SqliteSetup.OpenForWriter(_connectionString);
            _ = raw.sqlite3_exec(database, BringHome);
        }
        catch (SqliteException)
        {
        }
    }
}
