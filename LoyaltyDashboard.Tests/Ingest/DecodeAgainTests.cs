using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class DecodeAgainTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
    private static readonly Action<JsonObject> _withoutImport = e => e["createdEvent"] = new JsonObject();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_can_be_read_now_become_imports_and_the_others_stay()
    {
        await using var writer = await RunningWriter.StartAsync();
        var readable = new[] { new WixWebhook(), new WixWebhook() };
        foreach (var webhook in readable)
        {
            // As a version that did not know the shape would have left it.
            await writer.WriteAsync(webhook.ToDelivery(_then) with { Observation = null, OutcomeWithoutImport = DeliveryOutcome.Quarantined });
        }

        await writer.WriteAsync(new WixWebhook { Event = _withoutImport }.ToDelivery(_then));

        Assert.Equal(2, await Again(writer).RunAllAsync(Reader.System, Stop));

        Assert.All(readable, webhook => Assert.Equal(_then, writer.Queries.FindAsync(Reader.System, webhook.ImportId, Stop).Result!.Row.Arrived));
        Assert.Single((await writer.DeliveryQueries.PageAsync(Reader.System, [DeliveryOutcome.Quarantined], 1, 10, Stop)).Deliveries);
        Assert.Equal(0, await Again(writer).RunAllAsync(Reader.System, Stop));
    }

    [Fact]
    public async Task Older_sighting_decoded_again_goes_to_the_history_only()
    {
        await using var writer = await RunningWriter.StartAsync();
        var webhook = new WixWebhook { Revision = "1" };
        var kept = await writer.WriteAsync(webhook.ToDelivery(_then) with { Observation = null, OutcomeWithoutImport = DeliveryOutcome.Quarantined });
        await writer.WriteAsync((webhook with { Revision = "2", EventId = "later", Status = "PARSED" }).ToDelivery(_then.AddHours(1)));

        var again = await Again(writer).RunAsync(Reader.System, kept.DeliveryRowId, Stop);

        Assert.Equal((true, webhook.ImportId), (again.Decoded, again.ImportId));
        var stored = await writer.Queries.FindAsync(Reader.System, webhook.ImportId, Stop);
        Assert.Equal(("PARSED", 2, _then.AddHours(1)), (stored!.Row.StatusText, stored.Observations.Count, stored.Row.LastSeen));
        Assert.Equal(DeliveryOutcome.Stale, (await writer.DeliveryQueries.FindAsync(Reader.System, kept.DeliveryRowId, Stop))!.Outcome);
    }

    [Fact]
    public async Task Delivery_that_was_read_or_is_not_there_is_left_alone()
    {
        await using var writer = await RunningWriter.StartAsync();
        var stored = await writer.WriteAsync(new WixWebhook().ToDelivery(_then));

        foreach (var rowId in (long[])[stored.DeliveryRowId, 999])
        {
            var again = await Again(writer).RunAsync(Reader.System, rowId, Stop);
            Assert.Equal((false, "Only a delivery without a readable import can be decoded again."), (again.Decoded, again.Message));
        }
    }

    [Fact]
    public async Task Body_that_is_no_longer_kept_is_said_to_be_so()
    {
        await using var writer = await RunningWriter.StartAsync();
        var kept = await writer.WriteAsync(new WixWebhook { Event = _withoutImport }.ToDelivery(_then));
        writer.Database.Execute("DELETE FROM delivery_bodies");

        Assert.Equal("Its body is no longer kept.", (await Again(writer).RunAsync(Reader.System, kept.DeliveryRowId, Stop)).Message);
    }

    [Fact]
    public async Task Closed_queue_is_said_to_be_busy()
    {
        await using var writer = await RunningWriter.StartAsync();
        var kept = await writer.WriteAsync(new WixWebhook().ToDelivery(_then) with { Observation = null, OutcomeWithoutImport = DeliveryOutcome.Quarantined });
        writer.Queue.Close();

        Assert.Equal("The database is busy or full; try again in a moment.", (await Again(writer).RunAsync(Reader.System, kept.DeliveryRowId, Stop)).Message);
    }

    private static DecodeAgain Again(RunningWriter writer) => new(writer.Database.Contexts, writer.Queue, TestAudit.Of(writer.Database.Connection));
}
