using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Creates the data directory for the owner alone, brings the database to this version, and refuses one from a newer version.
/// Runs before anything else starts.
/// </summary>
public sealed class DatabaseSetup(IDbContextFactory<DashboardDb> databases, SqliteConnectionStringBuilder connection, ILogger<DatabaseSetup> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>The note that free pages of the file may hold what earlier versions deleted.</summary>
    internal const string OldPagesNote = "old pages";

    /// <summary>Bytes of a file that is written anew at a start: a larger one would keep Wix waiting for minutes.</summary>
    internal long LargestToOverwrite { get; init; } = 256L * 1024 * 1024;

    private FileStream? _lock;

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            CreateForOwnerOnly(connection.DataSource);
            _lock = DatabaseLock.Take(connection.DataSource);
            await PrepareAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SqliteException or UnauthorizedAccessException or IOException)
        {
            throw new InvalidOperationException($"The database {connection.DataSource} cannot be used: {exception.Message} Check ConnectionStrings:Dashboard, the rights of the directory, and the room on the disk.", exception);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        // EF Core takes longer to wake up than all the rest of a start. A database that is up to date does not need it, and neither does the writer.
        var known = Migrations();
        var applied = Applied();
        var newer = applied.Where(m => !known.Contains(m)).ToList();
        if (newer.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database {connection.DataSource} was written by a newer version of LoyaltyDashboard (it has {string.Join(", ", newer)}). Start that version, or name another file in ConnectionStrings:Dashboard.");
        }

        // With nothing to do, Migrate would still take its lock row, which a kill leaves behind for ever.
        if (known.Except(applied).Any())
        {
            await using var database = await databases.CreateDbContextAsync(cancellationToken);
            await RemoveAbandonedLockAsync(database, cancellationToken);
            var hasOldPages = applied.Count > 0 && !applied.Any(m => m.EndsWith("_Access", StringComparison.Ordinal));
            await database.Database.MigrateAsync(cancellationToken);
            if (hasOldPages)
            {
                // First of all: whatever ends this start early, the next one knows.
                Ask($"INSERT INTO notes (Name, Value) VALUES ('{OldPagesNote}', 'not overwritten') ON CONFLICT (Name) DO NOTHING");
            }

            logger.LogInformation("Brought the database {Path} to {Migration}", connection.DataSource, known.Max);
        }

        // A file system without shared memory stays silently with the old journal.
        var journal = Ask("PRAGMA journal_mode=WAL").Single();
        if (!journal.Equals("wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"The database {connection.DataSource} cannot have a write-ahead log here (its journal stays '{journal}'). Put it on a local disk, with ConnectionStrings:Dashboard.");
        }

        if (Ask($"SELECT Value FROM notes WHERE Name = '{OldPagesNote}'").Count > 0)
        {
            OverwriteOldPages();
        }

        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            OwnerOnly.Restrict(connection.DataSource + suffix);
        }
    }

    // Earlier versions left what they deleted in free pages. Written anew once, the file holds only what is in it.
    private void OverwriteOldPages()
    {
        var size = long.Parse(Ask("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Single(), CultureInfo.InvariantCulture);
        if (size > LargestToOverwrite)
        {
            logger.LogWarning(
                "Free pages of the database {Path} may hold what earlier versions deleted. Its {Bytes} bytes are too many to be written anew while Wix waits; an administrator does it on the settings page, when it suits",
                connection.DataSource,
                size);
            return;
        }

        logger.LogWarning("Writing the database {Path} anew, once, so that nothing deleted by earlier versions remains in it; it has {Bytes} bytes", connection.DataSource, size);
        try
        {
            using (var opened = SqliteSetup.OpenForVacuum(connection.ConnectionString))
            {
                Ask(opened, "VACUUM");
            }

            // A log that could not be brought home leaves the old pages in the file.
            if (Ask("PRAGMA wal_checkpoint(TRUNCATE)") is ["0"])
            {
                Ask($"DELETE FROM notes WHERE Name = '{OldPagesNote}'");
                logger.LogInformation("Wrote the database {Path} anew", connection.DataSource);
            }
        }
        catch (SqliteException exception)
        {
            logger.LogWarning("The database {Path} could not be written anew ({Reason}). All else works; until a later start can, its free pages may hold what earlier versions deleted", connection.DataSource, exception.Message);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        SqliteConnection.ClearAllPools();
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    // What EF Core finds, too: the classes with this mark.
    private static SortedSet<string> Migrations() => new(
        typeof(DashboardDb).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Migration))).Select(type => type.GetCustomAttribute<MigrationAttribute>()!.Id), StringComparer.Ordinal);

    private List<string> Applied() =>
        Ask("SELECT name FROM sqlite_master WHERE name = '__EFMigrationsHistory'").Count == 0 ? [] : Ask("SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId");

    private List<string> Ask(string sql)
    {
        using var opened = SqliteSetup.Open(connection.ConnectionString);
        return Ask(opened, sql);
    }

    private static List<string> Ask(SqliteConnection opened, string sql)
    {
        using var command = opened.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var answers = new List<string>();
        while (reader.Read())
        {
            answers.Add(reader.GetString(0));
        }

        return answers;
    }

    private static void CreateForOwnerOnly(string path)
    {
        OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            // SQLite gives -wal and -shm the mode of the database, so creating it with the right one covers all three.
            OwnerOnly.Open(path, FileMode.CreateNew).Dispose();
        }
    }

    // A process killed while it migrated leaves its lock row, and every later start would wait for it without end (dotnet/efcore#38958).
    // Only one process may use this database, so a row that is there before we began belongs to a dead one.
    private async Task RemoveAbandonedLockAsync(DashboardDb database, CancellationToken cancellationToken)
    {
        var tables = await database.Database.SqlQueryRaw<string>("SELECT name AS Value FROM sqlite_master WHERE name = '__EFMigrationsLock'").ToListAsync(cancellationToken);
        if (tables.Count > 0 && await database.Database.ExecuteSqlRawAsync("DELETE FROM __EFMigrationsLock", cancellationToken) > 0)
        {
            logger.LogWarning("Removed a migration lock that an earlier start left behind");
        }
    }
}
