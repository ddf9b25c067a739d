using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// A transaction on a connection beside the writer's that takes the write lock at once. The writer lets go of the lock for a moment after each commit; SQLite's own waits grow until they
/// miss every one of these moments, so this asks again each millisecond.
/// </summary>
internal sealed class ImmediateTransaction : IDisposable
{
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(1);

    private readonly SqliteConnection _connection;

    private ImmediateTransaction(SqliteConnection connection) => _connection = connection;

    /// <summary>Begins it.</summary>
    /// <exception cref="SqliteException">Another had the lock all the while, or the database cannot be written.</exception>
    public static ImmediateTransaction Begin(SqliteConnection connection)
    {
        var began = Stopwatch.GetTimestamp();
        int code;
        while ((code = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") & 0xFF) == raw.SQLITE_BUSY && Stopwatch.GetElapsedTime(began) < _longestWait)
        {
            Thread.Sleep(_pause);
        }

        ThrowUnlessOk(connection, code);
        return new ImmediateTransaction(connection);
    }

    /// <summary>Commits; when it returns, all of it is on the disk.</summary>
    /// <exception cref="SqliteException">The database refused; nothing of it is stored once it is disposed.</exception>
    public void Commit() => ThrowUnlessOk(_connection, raw.sqlite3_exec(_connection.Handle, "COMMIT"));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _ = raw.sqlite3_exec(_connection.Handle, "ROLLBACK");
        }
    }

    private static void ThrowUnlessOk(SqliteConnection connection, int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw new SqliteException($"SQLite Error {code & 0xFF}: '{raw.sqlite3_errmsg(connection.Handle).utf8_to_string()}'.", code & 0xFF, code);
        }
    }
}
