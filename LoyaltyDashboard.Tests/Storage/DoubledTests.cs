using LoyaltyDashboard.Benchmarks.Torture;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Tests.Ingest;

namespace LoyaltyDashboard.Tests.Storage;

/// <summary>What the torture runs ask every database: without it they could not see the one fault that no index of SQLite's prevents.</summary>
public sealed class DoubledTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_sent_again_are_not_doubled()
    {
        await using var writer = await StoreAsync();

        Assert.Equal(5L, writer.Database.Scalar("SELECT count(*) FROM deliveries"));
        Assert.Equal([], await FaultsAsync(writer));
    }

    [Fact]
    public async Task Imports_and_keys_that_several_rows_have_are_counted_once_each()
    {
        await using var writer = await StoreAsync();
        writer.Database.Execute("UPDATE imports SET Id = (SELECT Id FROM imports LIMIT 1); UPDATE deliveries SET DedupeKey = (SELECT DedupeKey FROM deliveries WHERE DedupeKey IS NOT NULL LIMIT 1) WHERE DedupeKey IS NOT NULL");

        Assert.Equal(["1 imports are stored more than once", "1 keys of deliveries are stored more than once"], await FaultsAsync(writer));
    }

    // Three events of three imports, two of them sent again.
    private static async Task<RunningWriter> StoreAsync()
    {
        var writer = await RunningWriter.StartAsync();
        foreach (var number in (int[])[1, 2, 3, 1, 2])
        {
            await writer.WriteAsync(new WixWebhook { EventId = $"event {number}", ImportId = $"import {number}" }.ToDelivery(default));
        }

        return writer;
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(RunningWriter writer)
    {
        await using var database = await writer.Database.Contexts.CreateDbContextAsync(Stop);
        return await Doubled.FaultsAsync(database);
    }
}
