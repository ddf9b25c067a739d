using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;

namespace LoyaltyDashboard.Tests.Live;

public sealed class ImportsHubTests : IDisposable
{
    private readonly DashboardApp _app = DashboardApp.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Every_client_is_told_which_import_changed()
    {
        var (one, other) = (new CallsOf<string[]>(), new CallsOf<string[]>());
        await using var first = await ConnectAsync(one);
        await using var second = await ConnectAsync(other);
        var webhook = new WixWebhook();

        await _app.PostAsync(webhook);

        Assert.Equal([webhook.ImportId], await one.NextAsync(Stop));
        Assert.Equal([webhook.ImportId], await other.NextAsync(Stop));
    }

    [Fact]
    public async Task Event_without_an_import_is_not_announced()
    {
        var calls = new CallsOf<string[]>();
        await using var client = await ConnectAsync(calls);
        var webhook = new WixWebhook();

        await _app.PostAsync(new WixWebhook { EventType = "AppRemoved" });
        await _app.PostAsync(webhook);

        Assert.Equal([webhook.ImportId], await calls.NextAsync(Stop));
    }

    private async Task<HubConnection> ConnectAsync(CallsOf<string[]> calls)
    {
        var connection = new HubConnectionBuilder().WithUrl(new Uri(_app.Client.BaseAddress!, "/hubs/imports")).Build();
        connection.On<string[]>("ImportsChanged", calls.NoteAsync);
        await connection.StartAsync(Stop);
        // The hub takes no calls. Its answer to one shows that it has put this client on its list.
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("Nothing", Stop));
        return connection;
    }
}
