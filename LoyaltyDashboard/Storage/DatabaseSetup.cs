using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Creates the data directory for the owner alone, brings the database to this version, and refuses one from a newer version.
/// Runs before anything else starts.
/// </summary>
public sealed class DatabaseSetup(IDbContextFactory<DashboardDb> databases, SqliteConnectionStringBuilder connection, ILogger<DatabaseSetup> logger) : IHostedLifecycleService, IDisposable
{
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
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var known = database.Database.GetMigrations().ToHashSet();
        var newer = (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).Where(m => !known.Contains(m)).ToList();
        if (newer.Count > 0)
        {
            throw new InvalidOperationException(
                $"The database {connection.DataSource} was written by a newer version of LoyaltyDashboard (it has {string.Join(", ", newer)}). Start that version, or name another file in ConnectionStrings:Dashboard.");
        }

        // With nothing to do, Migrate would still take its lock row, which a kill leaves behind for ever.
        var pending = (await database.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count > 0)
        {
            await RemoveAbandonedLockAsync(database, cancellationToken);
            await database.Database.MigrateAsync(cancellationToken);
            logger.LogInformation("Brought the database {Path} to {Migration}", connection.DataSource, pending[^1]);
        }

        // A file system without shared memory stays silently with the old journal.
        var journal = (await database.Database.SqlQueryRaw<string>("PRAGMA journal_mode=WAL").ToListAsync(cancellationToken)).Single();
        if (!journal.Equals("wal", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"The database {connection.DataSource} cannot have a write-ahead log here (its journal stays '{journal}'). Put it on a local disk, with ConnectionStrings:Dashboard.");
        }

        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            OwnerOnly.Restrict(connection.DataSource + suffix);
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
