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

/// <summary>How the search index follows the writer.</summary>
public sealed class SearchFollowsTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Index_follows_when_nothing_came_for_a_second()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        var webhook = new WixWebhook { FileName = "members.csv" };
        await writer.WriteAsync(webhook.ToDelivery(_then));
        await writer.Time.SomebodyWaitsAsync(Stop);
        Assert.Equal(0L, IndexedTo(writer.Database));

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal(1L, IndexedTo(writer.Database));
        Assert.Equal(1L, Entries(writer.Database, "mem"));
    }

    [Fact]
    public async Task Newer_sighting_takes_the_entries_of_the_older_ones_text_away()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        var import = new GivenImport { FileName = "members.csv", Arrived = _then };
        await writer.WriteAsync(import.ToDelivery());
        await FollowAsync(writer);

        await writer.WriteAsync((import with { EventId = "another", Revision = "2", FileName = "customers.csv" }).ToDelivery());

        Assert.Equal(0, (await writer.Queries.PageAsync(Reader.System, new ImportFilter { Q = "members" }, 1, 50, Stop)).Total);
        Assert.Equal(1, (await writer.Queries.PageAsync(Reader.System, new ImportFilter { Q = "customers" }, 1, 50, Stop)).Total);
        Assert.Equal((1L, 0L), (Entries(writer.Database, "mem"), Entries(writer.Database, "cus")));
        await FollowAsync(writer);
        Assert.Equal((0L, 1L), (Entries(writer.Database, "mem"), Entries(writer.Database, "cus")));
    }

    [Fact]
    public async Task Webhook_that_comes_while_the_index_follows_waits_for_the_step_under_way_at_most()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        Add(database, 2_000);
        var (time, log) = (new WatchedTime(), new Gate());
        var queue = new IngestQueue(time);
        using var writer = new ImportWriter(queue, database.Connection, new ImportFeed(time, NullLogger<ImportFeed>.Instance), new DeliveryFeed(time, NullLogger<DeliveryFeed>.Instance), time, log);
        await writer.StartAsync(Stop);
        await time.SomebodyWaitsAsync(Stop);

        // Whoever waits for the clock may go on within this call.
        var advancing = Task.Run(() => time.Advance(TimeSpan.FromSeconds(1)), Stop);
        await log.Reached.Task.WaitAsync(Stop);
        var wait = queue.EnqueueAsync(new WixWebhook().ToDelivery(_then), Stop);
        log.Open.Set();
        await advancing;
        await wait;

        Assert.Equal(SearchIndex.RowsPerStep, IndexedTo(database));
        await time.SomebodyWaitsAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(1));
        await time.SomebodyWaitsAsync(Stop);
        Assert.Equal(2_001L, IndexedTo(database));
        await writer.StopAsync(Stop);
    }

    [Theory]
    [InlineData(SearchIndex.MostBehind - 50, false)]
    [InlineData(SearchIndex.MostBehind + 10, true)]
    public async Task Index_that_searches_feel_follows_without_waiting_for_a_quiet_second(int rows, bool follows)
    {
        await using var writer = await RunningWriter.PrepareAsync();
        Add(writer.Database, rows);
        writer.Database.Execute("UPDATE list_state SET SettledTo = (SELECT max(RowId) FROM imports)");
        await writer.Writer.StartAsync(Stop);

        // The clock stands still. While others wait it takes a step only after so many batches; the last is written after what followed those.
        for (var batch = 0; batch <= WriterFollowers.BatchesPerSearchStep; batch++)
        {
            await writer.WriteAsync(new WixWebhook().ToDelivery(_then));
        }

        Assert.Equal(follows, IndexedTo(writer.Database) > 0);
    }

    [Fact]
    public async Task Database_that_somebody_holds_gets_no_step_and_nobody_waits_for_one()
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        imports.Add("members.csv");
        using (var other = SqliteSetup.Open(imports.Database.Connection.ConnectionString))
        using (other.BeginTransaction(deferred: false))
        {
            Assert.False(imports.Step());
        }

        Assert.True(imports.Step());
        Assert.Equal(1L, imports.IndexedTo);
    }

    [Fact]
    public async Task Database_from_before_the_index_is_searched_at_once_and_indexed_later()
    {
        using var database = new TempDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Connection.DataSource)!);
        await using (var before = await database.Contexts.CreateDbContextAsync(Stop))
        {
            await before.GetService<IMigrator>().MigrateAsync("20261125023742_Lists", Stop);
        }

        Add(database, 500);
        await database.SetUpAsync(Stop);
        var queries = new ImportQueries(database.Contexts, new WatchedTime());
        Assert.Equal((0L, 11), (IndexedTo(database), (await queries.PageAsync(Reader.System, new ImportFilter { Q = "TEXT 12" }, 1, 50, Stop)).Total));

        using var session = new WriterSession(database.Connection.ConnectionString);
        while (session.Search.Step())
        {
        }

        Assert.Equal((500L, 11), (IndexedTo(database), (await queries.PageAsync(Reader.System, new ImportFilter { Q = "TEXT 12" }, 1, 50, Stop)).Total));
        Assert.Equal(500L, Entries(database, "tex"));
    }

    private static void Add(TempDatabase database, int count) => database.Execute(
        $"""
        WITH RECURSIVE n(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM n WHERE N < {count})
        INSERT INTO imports (RowId, Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) SELECT N, CAST('import ' || N AS BLOB), 1, N, 0, 0, 0, 1, x'00' FROM n;
        INSERT INTO import_texts (RowId, Folded) SELECT RowId, 'text ' || RowId FROM imports;
        """);

    private static long IndexedTo(TempDatabase database) => (long)database.Scalar("SELECT IndexedTo FROM search_state")!;

    private static long Entries(TempDatabase database, string trigram) => (long)database.Scalar($"SELECT count(*) FROM import_search WHERE import_search MATCH '\"{trigram}\"'")!;

    private static async Task FollowAsync(RunningWriter writer)
    {
        await writer.Time.SomebodyWaitsAsync(Stop);
        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);
    }

    /// <summary>Holds the writer where it says that the index has followed by one step.</summary>
    private sealed class Gate : ILogger<ImportWriter>
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Open { get; } = new();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) == "The search index follows")
            {
                Reached.TrySetResult();
                Open.Wait(Stop);
            }
        }
    }
}
