using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Queries;

public sealed class DeliveryQueriesTests : IAsyncLifetime
{
    private readonly DashboardApp _app = DashboardApp.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var webhook = new WixWebhook { FileName = "grüße 😀.csv" };
        await _app.PostAsync(webhook);
        await _app.PostAsync(webhook);
        await _app.PostAsync(new WixWebhook { EventType = "AppRemoved" });
    }

    public ValueTask DisposeAsync()
    {
        ((IDisposable)_app).Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Page_is_newest_first_and_counts_all()
    {
        var page = await _app.Deliveries.PageAsync(Reader.System, [], 1, 2, Stop);

        Assert.Equal([DeliveryOutcome.Ignored, DeliveryOutcome.Duplicate], page.Deliveries.Select(d => d.Outcome));
        Assert.Equal((3, true), (page.Total, page.TotalIsExact));
        Assert.Equal([DeliveryOutcome.Stored], (await _app.Deliveries.PageAsync(Reader.System, [], 2, 2, Stop)).Deliveries.Select(d => d.Outcome));
    }

    [Fact]
    public async Task Page_of_some_outcomes_holds_no_other()
    {
        var page = await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Stored, DeliveryOutcome.Duplicate], 1, 10, Stop);

        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], page.Deliveries.Select(d => d.Outcome));
        Assert.All(page.Deliveries, d => Assert.Equal(WixWebhook.Site, d.Import!.Site!.InstanceId));
    }

    [Fact]
    public async Task Body_is_what_was_signed_and_a_duplicate_keeps_none()
    {
        var deliveries = (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries;

        Assert.Contains("AppRemoved", (await _app.Deliveries.BodyAsync(Reader.System, deliveries[0].RowId, Stop))?.Json);
        Assert.Null(await _app.Deliveries.BodyAsync(Reader.System, deliveries[1].RowId, Stop));
        Assert.Contains("iat", (await _app.Deliveries.BodyAsync(Reader.System, deliveries[2].RowId, Stop))?.Json);
    }

    [Fact]
    public async Task Row_that_is_not_there_is_null()
    {
        Assert.Null(await _app.Deliveries.FindAsync(Reader.System, 999, Stop));
        Assert.Null(await _app.Deliveries.BodyAsync(Reader.System, 999, Stop));
    }
}
