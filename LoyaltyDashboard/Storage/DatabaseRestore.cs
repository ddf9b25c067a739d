using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Puts another database in the place of the dashboard's own. The one that was there stays beside it, under a name with the time. At every moment, whatever ends this
/// process, one whole database stands under the name that the dashboard opens.
/// </summary>
internal static class DatabaseRestore
{
    /// <summary>Checks a file and puts a copy of it in the database's place.</summary>
    /// <param name="source">What a backup has written. It is only read.</param>
    /// <param name="path">The database.</param>
    /// <param name="now">For the name of what was there.</param>
    /// <param name="cancellation">Ends before anything is replaced.</param>
    /// <returns>What is there now, and where that is kept which was there; null when nothing was.</returns>
    /// <exception cref="InvalidOperationException">The file cannot be taken in, or the database is in use; nothing was changed.</exception>
    /// <exception cref="SqliteException">One of the two cannot be read or written; nothing was changed.</exception>
    public static (DatabaseFacts Facts, string? Kept) Run(string source, string path, DateTimeOffset now, CancellationToken cancellation)
    {
        DatabaseCheck.Identify(source);
        OwnerOnly.CreateDirectory(Path.GetDirectoryName(path)!);
        using var held = DatabaseLock.Take(path);

        var unfinished = $"{path}.{Guid.NewGuid():N}.unfinished";
        try
        {
            OwnerOnly.Open(unfinished, FileMode.CreateNew).Dispose();
            DatabaseBackup.Copy(source, unfinished, cancellation);
            var facts = DatabaseCheck.Read(unfinished);
            if (!File.Exists(path))
            {
                // A log without its database would be taken for a log of the new one.
                MoveLog(path, NameToKeep(path, now));
                File.Move(unfinished, path);
                return (facts, null);
            }

            var kept = NameToKeep(path, now);
            if (!TakeLogIn(path))
            {
                MoveLog(path, kept);
            }

            // A second name for the old one and then one renaming: there is no moment without a database.
            File.Replace(unfinished, path, kept);
            return (facts, kept);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    // Makes the old database one file; SQLite does so only while nobody else has it open. False when it is too damaged for that, and its log belongs to it as it is.
    private static bool TakeLogIn(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = SqliteSetup.LockTimeoutSeconds }.ConnectionString);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode=DELETE";
            return command.ExecuteScalar() is "delete" ? true : throw InUse(path, null);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED)
        {
            throw InUse(path, exception);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_IOERR or raw.SQLITE_FULL)
        {
            return false;
        }
    }

    private static InvalidOperationException InUse(string path, Exception? inner) =>
        new($"The database {path} is open in another program, which would go on writing to the old one. Close that program, a running backup or a database tool, and try again.", inner);

    private static void MoveLog(string path, string kept)
    {
        foreach (var suffix in (string[])["-wal", "-shm", "-journal"])
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, kept + suffix);
            }
        }
    }

    private static string NameToKeep(string path, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = $"{path}.before-restore-{stamp}";
        for (var number = 2; File.Exists(name); number++)
        {
            name = $"{path}.before-restore-{stamp}-{number}";
        }

        return name;
    }
}
