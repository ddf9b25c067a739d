using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A database file of its own, and the product's way to it.</summary>
public sealed class TempDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");

    public TempDatabase(string file = "data/test.db")
    {
        Connection = SqliteSetup.Resolve($"Data Source={file}", _directory.FullName);
        Contexts = new PooledDbContextFactory<DashboardDb>(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(Connection.ConnectionString).AddInterceptors(new SqliteSetup()).Options);
    }

    public SqliteConnectionStringBuilder Connection { get; }

    public IDbContextFactory<DashboardDb> Contexts { get; }

    public LogLines<DatabaseSetup> Log { get; } = new();

    public static async Task<TempDatabase> CreateAsync(CancellationToken cancellation)
    {
        var database = new TempDatabase();
        await database.SetUpAsync(cancellation);
        return database;
    }

    /// <summary>What the program does with the database before anything else starts.</summary>
    public async Task SetUpAsync(CancellationToken cancellation)
    {
        using var setup = SetUp();
        await setup.StartingAsync(cancellation);
    }

    /// <summary>The same, holding the database until it is disposed.</summary>
    public DatabaseSetup SetUp() => new(Contexts, Connection, Log);

    public void Execute(string sql)
    {
        using var connection = SqliteSetup.Open(Connection.ConnectionString);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public object? Scalar(string sql)
    {
        using var connection = SqliteSetup.Open(Connection.ConnectionString);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public void Dispose()
    {
        using (var connection = new SqliteConnection(Connection.ConnectionString))
        {
            SqliteConnection.ClearPool(connection);
        }

        _directory.Delete(recursive: true);
    }
}
