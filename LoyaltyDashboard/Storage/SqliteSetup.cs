using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// SQLite's settings stand here alone: pragmas, and the path of the file. WAL lets readers read while the writer writes; FULL makes a
/// commit survive a power cut, which is what a 200 promises.
/// </summary>
public sealed class SqliteSetup : DbConnectionInterceptor
{
    /// <summary>How long a connection waits for a lock, in seconds. Wix waits 1250 ms in all.</summary>
    public const int LockTimeoutSeconds = 1;

    private const string Pragmas = "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";

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
    /// Opens the writer's connection. It does not check foreign keys: it is the only one that writes, it knows each row it refers to, and the look-ups would be a tenth of its work.
    /// </summary>
    public static SqliteConnection OpenForWriter(string connectionString)
    {
        var connection = Open(connectionString, WriterCache, "PRAGMA foreign_keys=OFF;");
        raw.sqlite3_busy_timeout(connection.Handle, LockTimeoutSeconds * 1_000);
        return connection;
    }

    /// <summary>Opens a connection of one's own, with the pragmas set.</summary>
    public static SqliteConnection Open(string connectionString) => Open(connectionString, ReaderCache, string.Empty);

    /// <inheritdoc/>
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection, ReaderCache);

    /// <inheritdoc/>
    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection, ReaderCache);
        return Task.CompletedTask;
    }

    private static SqliteConnection Open(string connectionString, int cache, string more)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Apply(connection, cache, more);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Apply(DbConnection connection, int cache, string more = "")
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"{Pragmas} PRAGMA cache_size=-{cache}; {more}";
        command.ExecuteNonQuery();
    }
}
