using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>The writer alone, on a database of its own. It runs once a test starts it, so that a test can decide what is in the first batch.</summary>
public sealed class RunningWriter : IAsyncDisposable
{
    private readonly TempDatabase _database;

    private RunningWriter(TempDatabase database)
    {
        _database = database;
        Imports = new ImportFeed(Time, NullLogger<ImportFeed>.Instance);
        Deliveries = new DeliveryFeed(Time, NullLogger<DeliveryFeed>.Instance);
        Writer = new ImportWriter(Queue, database.Connection, Imports, Deliveries, Time, Log);
    }

    public WatchedTime Time { get; } = new();

    public IngestQueue Queue { get; } = new();

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

    /// <summary>Sets how many pages the file may have on every pooled connection, one of which the writer takes when it opens its next session.</summary>
    public void LimitPages(long pages)
    {
        var connections = Enumerable.Range(0, 8).Select(_ => new SqliteConnection(_database.Connection.ConnectionString)).ToList();
        foreach (var connection in connections)
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA max_page_count={pages}";
            command.ExecuteNonQuery();
        }

        connections.ForEach(connection => connection.Dispose());
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.StopAsync(CancellationToken.None);
        Writer.Dispose();
        _database.Dispose();
    }
}
