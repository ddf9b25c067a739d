using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>What a checked database holds.</summary>
/// <param name="Imports">Imports in it.</param>
/// <param name="Deliveries">Requests at the doors.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Migration">The schema it has.</param>
/// <param name="IsOlder">Whether this program would bring it to a newer schema when it starts.</param>
public sealed record DatabaseFacts(long Imports, long Deliveries, long Bytes, string Migration, bool IsOlder);

/// <summary>Whether a file that nobody writes to is a whole database of this program. Used before a backup gets its name, and before a restore takes it in.</summary>
internal static class DatabaseCheck
{
    /// <summary>Whether the file can be one of ours: a database, written by this version or an earlier one. Reads little of it.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what it is instead.</exception>
    public static void Identify(string path)
    {
        using var connection = OpenToRead(path);
        try
        {
            ReadMigrations(connection, path);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_NOTADB)
        {
            throw new InvalidOperationException($"{path} is no SQLite database. Name a file that 'backup' has written.", exception);
        }
    }

    /// <summary>Reads all of it.</summary>
    /// <exception cref="InvalidOperationException">It is damaged, or no database of ours.</exception>
    public static DatabaseFacts Read(string path)
    {
        using var connection = OpenToRead(path);
        try
        {
            if (Scalar<string>(connection, "PRAGMA integrity_check(1)") is var verdict and not "ok")
            {
                throw new InvalidOperationException($"{path} is damaged: {verdict}. Take an earlier backup.");
            }

            var (migration, isOlder) = ReadMigrations(connection, path);
            foreach (var (table, key) in (ReadOnlySpan<(string, string)>)[("imports", "Id"), ("deliveries", "DedupeKey")])
            {
                // No index proves it, for the keys follow the commits.
                if (Scalar<long>(connection, $"SELECT count(*) - count(DISTINCT {key}) FROM {table} WHERE {key} IS NOT NULL") is var doubled and not 0)
                {
                    throw new InvalidOperationException($"{path} is damaged: {doubled} rows of {table} have the {key} of another. Take an earlier backup.");
                }
            }

            return new(Scalar<long>(connection, "SELECT count(*) FROM imports"), Scalar<long>(connection, "SELECT count(*) FROM deliveries"), new FileInfo(path).Length, migration, isOlder);
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode is raw.SQLITE_CORRUPT)
        {
            throw new InvalidOperationException($"{path} is damaged: {exception.Message} Take an earlier backup.", exception);
        }
    }

    private static (string Last, bool IsOlder) ReadMigrations(SqliteConnection connection, string path)
    {
        if (Scalar<long>(connection, "SELECT count(*) FROM sqlite_master WHERE name IN ('__EFMigrationsHistory', 'imports', 'deliveries', 'sites')") < 4)
        {
            throw new InvalidOperationException($"{path} is a database, but none of LoyaltyDashboard. Name a file that 'backup' has written.");
        }

        var applied = new List<string>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "SELECT MigrationId FROM __EFMigrationsHistory ORDER BY MigrationId";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                applied.Add(reader.GetString(0));
            }
        }

        var known = KnownMigrations();
        if (applied.Except(known).ToList() is { Count: > 0 } newer)
        {
            throw new InvalidOperationException($"{path} was written by a newer version of LoyaltyDashboard (it has {string.Join(", ", newer)}). Use that version.");
        }

        return applied.Count > 0
            ? (applied[^1], applied.Count < known.Count)
            : throw new InvalidOperationException($"{path} is a database, but none of LoyaltyDashboard. Name a file that 'backup' has written.");
    }

    private static List<string> KnownMigrations()
    {
        using var database = new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite().Options);
        return [.. database.Database.GetMigrations()];
    }

    private static SqliteConnection OpenToRead(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static T? Scalar<T>(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T?)command.ExecuteScalar();
    }
}
