using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class SqliteStatementTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Texts => [string.Empty, "a", "with \0 inside", "日本のお茶 ⭐ 📧", new string('x', 5_000), new string('é', 700)];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Text_comes_back_letter_for_letter(string text)
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var echo = connection.Prepare("SELECT ?1");

        Assert.Equal(text, echo.Scalar(text));
    }

    [Fact]
    public async Task Every_kind_of_value_is_bound_as_it_is_stored()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var echo = connection.Prepare("SELECT ?1");
        using var kind = connection.Prepare("SELECT typeof(?1)");
        var time = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(1);

        Assert.Null(echo.Scalar([null]));
        Assert.Equal(long.MinValue, echo.Scalar(long.MinValue));
        Assert.Equal(7L, echo.Scalar(7));
        Assert.Equal(1L, echo.Scalar(true));
        Assert.Equal((long)DeliveryOutcome.Quarantined, echo.Scalar(DeliveryOutcome.Quarantined));
        Assert.Equal(UtcTicks.From(time), echo.Scalar(time));
        Assert.Equal([1, 0, 2], Assert.IsType<byte[]>(echo.Scalar(new byte[] { 1, 0, 2 })));
        Assert.Equal("blob", kind.Scalar(Array.Empty<byte>()));
        Assert.Equal("text", kind.Scalar(string.Empty));
        Assert.Equal("�", echo.Scalar("\uD800"));
        Assert.Throws<ArgumentException>(() => echo.Scalar(1.5));
    }

    [Fact]
    public async Task Fault_names_its_code_and_the_statement_works_again_afterwards()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var insert = connection.Prepare("INSERT INTO sites (InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers) VALUES (?1, 0, 0, 0, 0)");
        byte[] site = [1];

        Assert.Equal(1, insert.Run(site));
        Assert.Equal((19, 2067), Assert.Throws<SqliteException>(() => insert.Run(site)) is var fault ? (fault.SqliteErrorCode, fault.SqliteExtendedErrorCode) : default);
        Assert.Equal(1, insert.Run(new byte[] { 2 }));
        Assert.Throws<SqliteException>(() => connection.Prepare("SELECT nothing FROM nowhere"));
    }

    [Fact]
    public async Task Transaction_that_is_not_committed_leaves_nothing()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var insert = connection.Prepare("INSERT INTO sites (InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers) VALUES (?1, 0, 0, 0, 0)");
        using (connection.Begin())
        {
            insert.Run(new byte[] { 1 });
        }

        using (var transaction = connection.Begin())
        {
            insert.Run(new byte[] { 2 });
            transaction.Commit();
        }

        Assert.Equal("02", database.Scalar("SELECT group_concat(hex(InstanceId)) FROM sites"));
    }

    [Fact]
    public async Task Change_of_somebody_else_is_noticed_once()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var insert = connection.Prepare("INSERT INTO sites (InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers) VALUES (?1, 0, 0, 0, 0)");

        Assert.True(connection.IsChangedByOthers());
        insert.Run(new byte[] { 1 });
        Assert.False(connection.IsChangedByOthers());
        database.Execute("DELETE FROM sites");
        Assert.True(connection.IsChangedByOthers());
        Assert.False(connection.IsChangedByOthers());
    }

    [Fact]
    public async Task Log_is_brought_home_beside_the_writer_and_begins_anew()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var connection = new WriterConnection(database.Connection.ConnectionString);
        using var insert = connection.Prepare("INSERT INTO delivery_bodies (RowId, Body) VALUES (?1, ?2)");
        using var count = connection.Prepare("SELECT COUNT(*) FROM delivery_bodies");
        var log = new FileInfo(database.Connection.DataSource + "-wal");
        var body = new byte[64 * 1024];
        long largest = 0;
        for (var round = 0L; round < 4; round++)
        {
            // More than enough pages to be worth it.
            using (var transaction = connection.Begin())
            {
                for (var i = 0L; i < 300; i++)
                {
                    insert.Run((round * 300) + i, body);
                }

                transaction.Commit();
            }

            while (connection.PagesInLog > 0 || connection.IsLogCopied)
            {
                Stop.ThrowIfCancellationRequested();
                connection.TendLog();
                await Task.Yield();
            }

            log.Refresh();
            largest = round == 0 ? log.Length : largest;
        }

        Assert.Equal(largest, log.Length);
        Assert.Equal(1_200L, count.Scalar());
        Assert.Equal("ok", database.Scalar("PRAGMA integrity_check"));
    }
}
