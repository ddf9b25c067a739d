using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>The writer alone, on a database of its own. It runs once a test starts it, so that a test can decide what is in the first batch.</summary>
public sealed class RunningWriter : IAsyncDisposable
{
    private readonly TempDatabase _database;
    private long? _mostPages;

    private RunningWriter(TempDatabase database)
    {
        _database = database;
        Queue = new IngestQueue(Time);
        Imports = new ImportFeed(Time, NullLogger<ImportFeed>.Instance);
        Deliveries = new DeliveryFeed(Time, NullLogger<DeliveryFeed>.Instance);
        Writer = new ImportWriter(Queue, database.Connection, Imports, Deliveries, Time, Log) { OpenSession = OpenSession };
    }

    public WatchedTime Time { get; } = new();

    public IngestQueue Queue { get; }

    public ImportFeed Imports { get; }

    public DeliveryFeed Deliveries { get; }

    public ImportWriter Writer { get; }

    public LogLines<ImportWriter> Log { get; } = new();

    public ImportQueries Queries => new(_database.Contexts, Time);

    public DeliveryQueries DeliveryQueries => new(_database.Contexts);

    public TempDatabase Database => _database;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<RunningWriter> PrepareAsync() => new(await TempDatabase.CreateAsync(Stop));

    public static async Task<RunningWriter> StartAsync()
    {
        var writer = await PrepareAsync();
        await writer.Writer.StartAsync(Stop);
        return writer;
    }

    public Task<IngestResult> WriteAsync(IngestItem item) => Queue.EnqueueAsync(item, Stop);

    /// <summary>Sets how many pages the file may have, from the writer's next session on.</summary>
    public void LimitPages(long pages) => _mostPages = pages;

    public async ValueTask DisposeAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        _database.Dispose();
    }

    private WriterSession OpenSession(string connectionString)
    {
        var session = new WriterSession(connectionString);
        if (_mostPages is { } pages)
        {
            session.Execute($"PRAGMA max_page_count={pages}");
        }

        return session;
    }
}
