using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>The writer's own connection. One thread at a time uses it; its statements are disposed before it.</summary>
public sealed class WriterConnection : IDisposable
{
    private readonly sqlite3 _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _dataVersion;
    private readonly LogKeeper _log;
    private long _lastDataVersion = -1;
    private SearchIndex? _search;

    /// <summary>Opens it.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public WriterConnection(string connectionString)
    {
        _database = SqliteSetup.OpenForWriter(connectionString);
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _dataVersion = Prepare("PRAGMA data_version");
        _log = new LogKeeper(connectionString, this);
    }

    /// <summary>The search index, which follows in transactions of its own: never inside another.</summary>
    public SearchIndex Search => _search ??= new SearchIndex(this);

    /// <summary>Compiles a statement.</summary>
    public SqliteStatement Prepare(string sql) => new(_database, sql);

    /// <summary>
    /// Whether another connection has changed the database since this was last asked; true the first time. Nobody should but a person with a shell, and then what was remembered
    /// of the tables holds no more. Ask inside a transaction.
    /// </summary>
    public bool IsChangedByOthers()
    {
        var before = _lastDataVersion;
        _lastDataVersion = DataVersion;
        return before != _lastDataVersion;
    }

    /// <summary>A number that is another once another connection has changed the database. Exact inside a transaction.</summary>
    public long DataVersion => (long)_dataVersion.Scalar()!;

    /// <summary>The row of the last insertion.</summary>
    public long LastInsertedRowId => raw.sqlite3_last_insert_rowid(_database);

    /// <summary>How many rows this connection has changed since it was opened, those of virtual tables' own tables too.</summary>
    public long TotalChanges => raw.sqlite3_total_changes(_database);

    /// <summary>A row above all rows that a table has, or ever had. Only this connection adds rows, so whoever asks counts on from there.</summary>
    /// <param name="table">One of our own tables.</param>
    public long NextRowId(string table)
    {
        using var highest = Prepare($"SELECT MAX(COALESCE((SELECT MAX(RowId) FROM {table}), 0), COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0))");
        return (long)highest.Scalar()! + 1;
    }

    /// <summary>Begins a transaction that takes the write lock at once, so that it can never fail for having read first. Waits for the lock as long as <see cref="SqliteSetup"/> says.</summary>
    /// <exception cref="SqliteException">Another has the lock.</exception>
    public Transaction Begin()
    {
        _begin.Run();
        return new Transaction(this);
    }

    /// <summary>The same, but waits for nobody.</summary>
    /// <returns>Null, if another has the lock.</returns>
    /// <exception cref="SqliteException">The database refused.</exception>
    public Transaction? BeginUnlessLocked()
    {
        _ = raw.sqlite3_busy_timeout(_database, 0);
        try
        {
            return Begin();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_BUSY)
        {
            return null;
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(_database, SqliteSetup.LockTimeoutSeconds * 1_000);
        }
    }

    /// <summary>Pages in the write-ahead log that are not at home yet.</summary>
    public long PagesInLog => _log.Pages;

    /// <summary>Whether another thread brings pages home now.</summary>
    public bool IsLogCopied => _log.IsCopying;

    /// <summary>Keeps the write-ahead log short. Call between two transactions, when nobody waits.</summary>
    /// <exception cref="SqliteException">The database could not be written. What is committed is in the log and safe.</exception>
    public void TendLog() => _log.Tend();

    /// <summary>Cuts the write-ahead log to nothing, as soon as nobody reads from it. Waits for nobody. Call between two transactions.</summary>
    /// <returns>Whether it is empty; if not, ask again later.</returns>
    /// <exception cref="SqliteException">The database could not be written. What is committed is in the log and safe.</exception>
    public bool TryEmptyLog()
    {
        _ = raw.sqlite3_busy_timeout(_database, 0);
        try
        {
            return _log.TryEmpty();
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(_database, SqliteSetup.LockTimeoutSeconds * 1_000);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _search?.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _rollback.Dispose();
        _dataVersion.Dispose();
        _log.Dispose();
        _database.Dispose();
    }

    /// <summary>A transaction; disposing one that was not committed takes it back.</summary>
    public sealed class Transaction(WriterConnection connection) : IDisposable
    {
        /// <summary>Commits; when it returns, all of it is on the disk.</summary>
        /// <exception cref="SqliteException">The database refused; nothing of it is stored once it is disposed.</exception>
        public void Commit() => connection._commit.Run();

        /// <inheritdoc/>
        public void Dispose()
        {
            // A full disk and other faults end a transaction by themselves.
            if (raw.sqlite3_get_autocommit(connection._database) == 0)
            {
                connection._rollback.Run();
            }
        }
    }
}
