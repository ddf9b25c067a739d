using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// SQLite's settings stand here alone: pragmas, and the path of the file. WAL lets readers read while the writer writes; FULL makes a
/// commit survive a power cut, which is what a 200 promises. What is deleted is overwritten, so that forgotten data are in no free page.
/// </summary>
public sealed class SqliteSetup : DbConnectionInterceptor
{
    /// <summary>How long a connection waits for a lock, in seconds. Wix waits 1250 ms in all.</summary>
    public const int LockTimeoutSeconds = 1;

    private const string Pragmas = "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;";

    // KiB. There is one writer, and as many readers as there are questions at once.
    private const int WriterCache = 64 * 1024;
    private const int ReaderCache = 4 * 1024;

    /// <summary>The connection string with a full path and our defaults.</summary>
    /// <exception cref="InvalidOperationException">The string is no SQLite connection string, or names no file.</exception>
    public static SqliteConnectionStringBuilder Resolve(string connectionString, string contentRoot)
    {
        SqliteConnectionStringBuilder builder;
        try
        {
            builder = new SqliteConnectionStringBuilder(connectionString);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new InvalidOperationException($"ConnectionStrings:Dashboard is no SQLite connection string ({exception.Message}). A good one is: Data Source=data/loyalty-dashboard.db", exception);
        }

        if (string.IsNullOrWhiteSpace(builder.DataSource) || builder.DataSource.Contains(":memory:", StringComparison.OrdinalIgnoreCase) || builder.Mode == SqliteOpenMode.Memory)
        {
            throw new InvalidOperationException("ConnectionStrings:Dashboard names no file, so nothing would outlive the process. A good one is: Data Source=data/loyalty-dashboard.db");
        }

        builder.DataSource = Path.GetFullPath(builder.DataSource, contentRoot);
        builder.DefaultTimeout = LockTimeoutSeconds;
        builder.Pooling = true;
        return builder;
    }

    /// <summary>
    /// Opens the writer's connection, past ADO. Only one thread at a time uses it, so it needs no locks of its own. It does not check foreign keys: it is the only one that writes, it
    /// knows each row it refers to, and every look-up would be work for nothing. The log is <see cref="LogKeeper"/>'s.
    /// </summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    internal static sqlite3 OpenForWriter(string connectionString)
    {
        var path = new SqliteConnectionStringBuilder(connectionString).DataSource;
        var code = raw.sqlite3_open_v2(path, out var database, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            code = code != raw.SQLITE_OK ? code : raw.sqlite3_extended_result_codes(database, 1);
            code = code != raw.SQLITE_OK ? code : raw.sqlite3_busy_timeout(database, LockTimeoutSeconds * 1_000);
            code = code != raw.SQLITE_OK ? code : raw.sqlite3_exec(database, $"{Pragmas} PRAGMA foreign_keys=OFF; PRAGMA cache_size=-{WriterCache}; PRAGMA wal_autocheckpoint=0;");
            return code == raw.SQLITE_OK ? database : throw new SqliteException($"SQLite Error {code & 0xFF}: '{raw.sqlite3_errmsg(database).utf8_to_string()}'.", code & 0xFF, code);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection of one's own, with the pragmas set. What writes on it beside the writer begins with <see cref="ImmediateTransaction"/>.</summary>
    public static SqliteConnection Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Apply(connection, busyMilliseconds: 0);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that may write the whole file anew: what it builds beside it is as large as the file, and stands on the disk, not in memory.</summary>
    internal static SqliteConnection OpenForVacuum(string connectionString)
    {
        var connection = Open(connectionString);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA temp_store=FILE";
        command.ExecuteNonQuery();
        return connection;
    }

    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection, LockTimeoutSeconds * 1_000);

    /// <inheritdoc/>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection, LockTimeoutSeconds * 1_000);
        return Task.CompletedTask;
    }

    // For the lock of the writer. ADO sleeps for 150 ms between its tries, which makes six or seven of them before the time is up; SQLite's own waits begin at 1 ms and grow to 100, which makes some
    // twenty, most of them early. Set each time: the pool gives a connection to whoever comes next.
    private static void Apply(DbConnection connection, int busyMilliseconds)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"{Pragmas} PRAGMA cache_size=-{ReaderCache}; PRAGMA busy_timeout={busyMilliseconds};";
        command.ExecuteNonQuery();
    }
}
