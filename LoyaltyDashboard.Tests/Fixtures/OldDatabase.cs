using System.Text;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A database as an earlier version left it, with rows in every table. What it inserts it reads off the schema, so that schemas to come need no word here.</summary>
internal static class OldDatabase
{
    /// <summary>What must outlive every migration; other tables may be made anew from these.</summary>
    private static readonly string[] _precious = ["sites", "imports", "import_documents", "observations", "deliveries", "delivery_bodies"];

    /// <summary>Every schema there has ever been, the newest last.</summary>
    public static IReadOnlyList<string> Schemas()
    {
        using var database = Open("none.db");
        return [.. database.Database.GetMigrations()];
    }

    /// <summary>Makes a database of an earlier schema.</summary>
    /// <param name="path">Where; its folder is there.</param>
    /// <param name="schema">One of <see cref="Schemas"/>.</param>
    /// <param name="rows">Rows in each table.</param>
    public static async Task MakeAsync(string path, string schema, int rows, CancellationToken cancellation)
    {
        await using (var database = Open(path))
        {
            await database.GetService<IMigrator>().MigrateAsync(schema, cancellation);
        }

        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync(cancellation);
        Execute(connection, "PRAGMA synchronous=OFF; BEGIN;");
        foreach (var table in Tables(connection))
        {
            var columns = Columns(connection, table);
            Execute(connection, $"INSERT INTO {table} ({string.Join(", ", columns.Select(c => c.Name))}) WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) SELECT {string.Join(", ", columns.Select(Value))} FROM numbers");
        }

        Execute(connection, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
    }

    /// <summary>What is in a database, column by column, of those tables and columns that a schema had.</summary>
    /// <param name="path">The database.</param>
    /// <param name="like">What to read, as an earlier call gave it; everything unless given. What is not there any more is left out.</param>
    public static IReadOnlyDictionary<string, string> Contents(string path, IReadOnlyDictionary<string, string>? like = null)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        var contents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var table in _precious)
        {
            contents[table] = Scalar(connection, $"SELECT count(*) FROM {table}");
            foreach (var column in Columns(connection, table).Select(c => c.Name).Where(c => like is null || like.ContainsKey($"{table}.{c}")))
            {
                // A sum over row and value notices a value that moved to another row.
                contents[$"{table}.{column}"] = Scalar(connection, $"SELECT count({column}) || ' ' || total(RowId * length({column})) || ' ' || total(RowId * ({column} + 0.0)) || ' ' || coalesce(max({column}), '')  || ' ' || coalesce(min({column}), '') FROM {table}");
            }
        }

        return contents;
    }

    /// <summary>What is amiss in a database that was brought to the newest schema.</summary>
    /// <param name="path">The database.</param>
    /// <param name="before">What was in it before.</param>
    public static IReadOnlyList<string> Losses(string path, IReadOnlyDictionary<string, string> before)
    {
        var after = Contents(path, before);
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        var (verdict, loose) = (Scalar(connection, "PRAGMA integrity_check(1)"), Scalar(connection, "SELECT group_concat(\"table\") FROM pragma_foreign_key_check"));
        return
        [
            .. after.Where(now => before[now.Key] != now.Value).Select(now => $"{now.Key} was '{before[now.Key]}' and is '{now.Value}'"),
            .. verdict == "ok" ? (string[])[] : [verdict], .. loose.Length == 0 ? (string[])[] : ["rows without their parent in " + loose],
        ];
    }

    private static DashboardDb Open(string path) => new(new DbContextOptionsBuilder<DashboardDb>().UseSqlite($"Data Source={path};Pooling=False").Options);

    private static List<string> Tables(SqliteConnection connection)
    {
        // A table of some module has helpers of its own, which it fills itself.
        var tables = Rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_EF%' ESCAPE '\\'");
        var modules = tables.Where(t => t[1].StartsWith("CREATE VIRTUAL", StringComparison.OrdinalIgnoreCase)).Select(t => t[0]).ToList();
        var names = tables.Select(t => t[0]).Where(t => !modules.Any(m => t == m || t.StartsWith(m + "_", StringComparison.Ordinal))).ToList();
        // Parents first. What a migration has filled holds all that it may.
        return [.. _precious[..2].Where(names.Contains), .. names.Except(_precious[..2]).Where(t => Scalar(connection, $"SELECT count(*) FROM {t}") == "0")];
    }

    private static List<(string Name, string Type)> Columns(SqliteConnection connection, string table) =>
        [.. Rows(connection, $"SELECT name, type FROM pragma_table_info('{table}')").Select(c => (c[0], c[1]))];

    private static string Value((string Name, string Type) column) => column switch
    {
        { Name: var name } when name.EndsWith("RowId", StringComparison.Ordinal) => "n",
        { Name: var name, Type: "INTEGER" } when name.EndsWith("Id", StringComparison.Ordinal) => "n",
        { Name: var name } when name.EndsWith("Json", StringComparison.Ordinal) => "CAST('{\"n\":' || n || '}' AS BLOB)",
        { Type: "BLOB" } => "CAST(printf('%016d', n) AS BLOB)",
        { Type: "TEXT" } => $"'{column.Name.ToLowerInvariant()} ' || n",
        _ => "n % 5",
    };

    private static List<string[]> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))]);
        }

        return rows;
    }

    private static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() switch { byte[] bytes => Encoding.UTF8.GetString(bytes), null or DBNull => "", var value => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)! };
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
