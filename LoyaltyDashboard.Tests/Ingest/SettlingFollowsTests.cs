using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>How the sort indexes whose keys fall at random follow the writer.</summary>
public sealed class SettlingFollowsTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_is_listed_at_once_and_settled_when_nothing_came_for_a_second()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        await writer.WriteAsync(new WixWebhook { FileName = "members.csv" }.ToDelivery(_then));
        await writer.Time.SomebodyWaitsAsync(Stop);
        Assert.Equal((0L, 0L), State(writer.Database));
        Assert.Equal(["members.csv"], await FileNamesAsync(writer.Queries));

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal((1L, 1L), State(writer.Database));
        Assert.Equal(["members.csv"], await FileNamesAsync(writer.Queries));
    }

    [Fact]
    public async Task Newer_sighting_of_an_import_leaves_it_settled_or_not()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        var import = new GivenImport { FileName = "members.csv", Arrived = _then };
        await writer.WriteAsync(import.ToDelivery());
        await writer.Time.SomebodyWaitsAsync(Stop);
        await writer.WriteAsync((import with { EventId = "second", Revision = "2", FileName = "guests.csv" }).ToDelivery());
        Assert.Equal((0L, 0L), State(writer.Database));
        Assert.Equal(["guests.csv"], await FileNamesAsync(writer.Queries));
        await FollowAsync(writer);

        await writer.WriteAsync((import with { EventId = "third", Revision = "3", FileName = "customers.csv" }).ToDelivery());

        Assert.Equal((1L, 1L), State(writer.Database));
        Assert.Equal(["customers.csv"], await FileNamesAsync(writer.Queries));
        Assert.Equal("ok", writer.Database.Scalar("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task Webhook_that_comes_while_imports_are_settled_waits_for_the_step_under_way_at_most()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        Add(database, 2_000);
        var (time, log) = (new WatchedTime(), new Gate());
        var (queue, writer) = Writer(database, time, log);
        using var running = writer;
        await writer.StartAsync(Stop);
        await time.SomebodyWaitsAsync(Stop);

        time.Advance(TimeSpan.FromSeconds(1));
        await log.Reached.Task.WaitAsync(Stop);
        var wait = queue.EnqueueAsync(new WixWebhook().ToDelivery(_then), Stop);
        log.Open.Set();
        await wait;

        Assert.Equal(ListSettling.RowsPerStep, State(database).SettledTo);
        await time.SomebodyWaitsAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(1));
        await time.SomebodyWaitsAsync(Stop);
        Assert.Equal((2_001L, 2_001L), State(database));
        await writer.StopAsync(Stop);
    }

    [Fact]
    public async Task Settling_goes_on_where_the_program_before_had_come_to()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        Add(database, 300);
        using (var session = new WriterSession(database.Connection.ConnectionString))
        {
            Assert.True(session.Settling.Step());
        }

        Assert.Equal((ListSettling.RowsPerStep, ListSettling.RowsPerStep), State(database));
        Assert.Equal(300, (await FileNamesAsync(new ImportQueries(database.Contexts, new WatchedTime()))).Count);
        var time = new WatchedTime();
        var (_, writer) = Writer(database, time, NullLogger<ImportWriter>.Instance);
        using var running = writer;
        await writer.StartAsync(Stop);
        await time.SomebodyWaitsAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(1));
        await time.SomebodyWaitsAsync(Stop);

        Assert.Equal((300L, 300L), State(database));
        await writer.StopAsync(Stop);
    }

    [Theory]
    [InlineData(ListSettling.MostBehind - 1, false)]
    [InlineData(ListSettling.MostBehind, true)]
    public async Task Imports_that_lists_feel_are_settled_without_waiting_for_a_quiet_second(int rows, bool isSettled)
    {
        await using var writer = await RunningWriter.PrepareAsync();
        Add(writer.Database, rows);
        await writer.Writer.StartAsync(Stop);

        // The clock stands still. The second is answered after what followed the first.
        await writer.WriteAsync(new WixWebhook().ToDelivery(_then));
        await writer.Queue.ProbeAsync(Stop);

        Assert.Equal(isSettled, State(writer.Database).SettledTo > 0);
    }

    [Fact]
    public async Task Fault_of_settling_is_told_once_and_harms_nobody()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        writer.Database.Execute("CREATE TRIGGER broken BEFORE UPDATE ON list_state BEGIN SELECT RAISE(ABORT, 'no'); END");
        await writer.WriteAsync(new WixWebhook { FileName = "members.csv" }.ToDelivery(_then));
        await FollowAsync(writer);
        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal(IngestStatus.Committed, (await writer.WriteAsync(new WixWebhook { FileName = "guests.csv" }.ToDelivery(_then))).Status);

        Assert.Single(writer.Log.All, line => line.Level >= LogLevel.Warning);
        Assert.Equal((0L, 0L), State(writer.Database));
        Assert.Equal(["guests.csv", "members.csv"], await FileNamesAsync(writer.Queries));
    }

    [Fact]
    public async Task Imports_from_before_are_settled_by_the_migration()
    {
        using var database = new TempDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Connection.DataSource)!);
        await using (var before = await database.Contexts.CreateDbContextAsync(Stop))
        {
            await before.GetService<IMigrator>().MigrateAsync("20261125023742_Lists", Stop);
        }

        Add(database, 500, "");
        await database.SetUpAsync(Stop);

        Assert.Equal((500L, 500L), State(database));
        Assert.Equal(500, (await FileNamesAsync(new ImportQueries(database.Contexts, new WatchedTime()))).Count);
    }

    private static void Add(TempDatabase database, int count, string settled = ", Settled") => database.Execute(
        $"""
        WITH RECURSIVE n(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM n WHERE N < {count})
        INSERT INTO imports (RowId, Id, FileName, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash{settled})
        SELECT N, CAST('import ' || N AS BLOB), N % 7 || '.csv', 1, N, 0, 0, 0, 1, x'00'{(settled.Length > 0 ? ", NULL" : "")} FROM n;
        """);

    private static (long SettledTo, long Settled) State(TempDatabase database) => ((long)database.Scalar("SELECT SettledTo FROM list_state")!, (long)database.Scalar("SELECT count(*) FROM imports WHERE Settled = 1")!);

    private static async Task<IReadOnlyList<string?>> FileNamesAsync(ImportQueries queries) =>
        [.. (await queries.PageAsync(Reader.System, new ImportFilter { Sort = ImportSort.File, Ascending = true }, 1, 1_000, Stop)).Rows.Select(row => row.FileName)];

    private static (IngestQueue Queue, ImportWriter Writer) Writer(TempDatabase database, TimeProvider time, ILogger<ImportWriter> log)
    {
        var queue = new IngestQueue(time);
        return (queue, new ImportWriter(queue, database.Connection, new ImportFeed(time, NullLogger<ImportFeed>.Instance), new DeliveryFeed(time, NullLogger<DeliveryFeed>.Instance), time, log));
    }

    private static async Task FollowAsync(RunningWriter writer)
    {
        await writer.Time.SomebodyWaitsAsync(Stop);
        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);
    }

    /// <summary>Holds the writer where it says that the indexes have followed by one step.</summary>
    private sealed class Gate : ILogger<ImportWriter>
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Open { get; } = new();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) == "The sort indexes follow")
            {
                Reached.TrySetResult();
                Open.Wait(Stop);
            }
        }
    }
}
