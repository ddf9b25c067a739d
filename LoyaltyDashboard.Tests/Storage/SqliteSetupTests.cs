using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class SqliteSetupTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", 2L)]
    [InlineData("foreign_keys", 1L)]
    public async Task Commit_of_the_writer_survives_a_power_cut(string pragma, object expected)
    {
        using var database = await TempDatabase.CreateAsync(Stop);

        Assert.Equal(expected, database.Scalar("PRAGMA " + pragma));
    }

    [Fact]
    public async Task Connections_of_the_read_side_are_set_up_alike()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        await using var context = await database.Contexts.CreateDbContextAsync(Stop);
        await context.Database.OpenConnectionAsync(Stop);
        using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = "PRAGMA synchronous";

        Assert.Equal(2L, await command.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task Connections_of_EF_Core_leave_the_wait_for_the_lock_to_SQLite_and_others_of_the_same_pool_do_not()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        for (var turn = 0; turn < 2; turn++)
        {
            await using (var context = await database.Contexts.CreateDbContextAsync(Stop))
            {
                Assert.Equal(1_000, await context.Database.SqlQueryRaw<int>("SELECT timeout AS Value FROM pragma_busy_timeout").SingleAsync(Stop));
            }

            Assert.Equal(0L, database.Scalar("PRAGMA busy_timeout"));
        }
    }

    [Theory]
    [InlineData("Data Source=data/test.db", "/root-of-content/data/test.db")]
    [InlineData("Data Source=../test.db", "/test.db")]
    [InlineData("Filename=test.db", "/root-of-content/test.db")]
    [InlineData("Data Source=/var/lib/test.db", "/var/lib/test.db")]
    public void Relative_path_counts_from_the_content_root(string connectionString, string path) =>
        Assert.Equal(path, SqliteSetup.Resolve(connectionString, "/root-of-content").DataSource);

    [Fact]
    public void Default_lies_in_a_directory_of_its_own() =>
        Assert.Equal("/root-of-content/data/loyalty-dashboard.db", SqliteSetup.Resolve(StorageSetup.DefaultConnectionString, "/root-of-content").DataSource);

    [Fact]
    public void Lock_is_waited_for_less_long_than_Wix_waits() =>
        Assert.Equal(1, SqliteSetup.Resolve("Data Source=test.db;Default Timeout=30", "/").DefaultTimeout);

    [Theory]
    [InlineData("")]
    [InlineData("Data Source=")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=file::memory:?cache=shared")]
    [InlineData("Data Source=x;Mode=Memory")]
    public void Database_that_would_not_outlive_the_process_is_refused(string connectionString) => Assert.Equal(
        "ConnectionStrings:Dashboard names no file, so nothing would outlive the process. A good one is: Data Source=data/loyalty-dashboard.db",
        Assert.Throws<InvalidOperationException>(() => SqliteSetup.Resolve(connectionString, "/")).Message);

    [Theory]
    [InlineData("Host=localhost")]
    [InlineData("data/loyalty-dashboard.db")]
    [InlineData("Data Source=x;Mode=Sideways")]
    public void Text_that_is_no_connection_string_is_refused_with_a_good_example(string connectionString)
    {
        var message = Assert.Throws<InvalidOperationException>(() => SqliteSetup.Resolve(connectionString, "/")).Message;

        Assert.StartsWith("ConnectionStrings:Dashboard is no SQLite connection string (", message);
        Assert.EndsWith("A good one is: Data Source=data/loyalty-dashboard.db", message);
    }
}
