using System.Net.WebSockets;
using System.Text;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

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

    // The limit only ends a test that would wait for ever.
    [Fact(Timeout = 60_000)]
    public async Task Client_that_says_it_lives_and_reads_nothing_is_dropped()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        using var app = DashboardApp.Start(time);
        var feed = app.Services.GetRequiredService<ImportFeed>();
        var clients = (ImportsHubClients)app.Services.GetRequiredService<HubLifetimeManager<ImportsHub>>();
        using var silent = new ClientWebSocket();
        silent.Options.SetRequestHeader("Authorization", $"Bearer {TestAccess.Key}");
        await silent.ConnectAsync(new UriBuilder(app.Client.BaseAddress!) { Scheme = "ws", Path = "/hubs/imports" }.Uri, TestContext.Current.CancellationToken);
        await silent.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);
        while (clients.Count == 0)
        {
            await Task.Yield();
        }

        // More than all buffers on the way hold.
        feed.Publish([new string('x', 64 * 1024 * 1024)]);
        while (clients.Count > 0)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        // What was on its way can still be read, and then the connection's end; never the rest.
        var (buffer, read) = (new byte[1 << 20], 0L);
        await Assert.ThrowsAsync<WebSocketException>(async () =>
        {
            while (true)
            {
                read += (await silent.ReceiveAsync(buffer, TestContext.Current.CancellationToken)).Count;
            }
        });
        Assert.InRange(read, 0, 60 * 1024 * 1024);
    }

    private async Task<HubConnection> ConnectAsync(CallsOf<string[]> calls)
    {
        var connection = new HubConnectionBuilder().WithUrl(new Uri(_app.Client.BaseAddress!, "/hubs/imports"), options => options.Headers.Add("Authorization", $"Bearer {TestAccess.Key}")).Build();
        connection.On<string[]>("ImportsChanged", calls.NoteAsync);
        await connection.StartAsync(Stop);
        // The hub takes no calls. Its answer to one shows that it has put this client on its list.
        await Assert.ThrowsAsync<HubException>(() => connection.InvokeAsync("Nothing", Stop));
        return connection;
    }
}
