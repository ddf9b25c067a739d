using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Copies a database that others may be writing to, as it was at one moment. SQLite's backup API copies pages in steps; by itself it begins again whenever somebody
/// writes, and beside a dashboard under load would never end. Here it runs inside one read transaction: the write-ahead log keeps that moment readable, so nothing
/// restarts it, and the writer waits for nothing. <c>VACUUM INTO</c> sees one moment too, but builds every index anew, on a core that the doors need; and the longer
/// it takes, the more the log grows.
/// </summary>
internal static class DatabaseBackup
{
    private const int PagesPerStep = 1_024;

    /// <summary>Copies into a file that is not there yet or is empty, and leaves one file without a log beside it, on the disk.</summary>
    /// <param name="source">The database.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellation">Ends between two steps.</param>
    /// <exception cref="SqliteException">One of the two files cannot be read or written.</exception>
    public static void Copy(string source, string target, CancellationToken cancellation)
    {
        // For writing: without anybody else, the log of the database can only be read by one who may write its index. Where it may not be written, SQLite reads.
        using (var from = Open(source))
        using (var to = Open(target))
        {
            // Nobody reads the copy before it is whole; it goes to the disk once, below.
            Execute(to, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;");
            Execute(from, "BEGIN; SELECT count(*) FROM sqlite_master;");
            CopyPages(from, to, cancellation);
            Execute(from, "COMMIT");
            // The pages say that they have a log. A backup is one file.
            Execute(to, "PRAGMA journal_mode=DELETE");
        }

        using var file = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }

    private static void CopyPages(SqliteConnection from, SqliteConnection to, CancellationToken cancellation)
    {
        using var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main");
        SqliteException.ThrowExceptionForRC(backup.IsInvalid ? raw.sqlite3_errcode(to.Handle) : raw.SQLITE_OK, to.Handle);
        int step;
        while ((step = raw.sqlite3_backup_step(backup, PagesPerStep)) == raw.SQLITE_OK)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        SqliteException.ThrowExceptionForRC(step == raw.SQLITE_DONE ? raw.SQLITE_OK : step, to.Handle);
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
