using System.Net;
using System.Net.WebSockets;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>What stays open ends when the right to it does: within a minute by the clock, whatever the other side does.</summary>
public sealed class LiveConnectionsTests : IDisposable
{
    private const string Email = "somebody@example.com";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DashboardApp _app;

    public LiveConnectionsTests() => _app = DashboardApp.Start(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Theory]
    [InlineData("/hubs/imports", "signed out")]
    [InlineData("/hubs/imports", "another role")]
    [InlineData("/hubs/imports", "shut out")]
    [InlineData("/hubs/imports", "other sites")]
    [InlineData("/_blazor", "signed out")]
    [InlineData("/_blazor", "another role")]
    public async Task Connection_ends_with_the_right_to_it(string path, string what)
    {
        var cookie = await _app.Services.SignInAsync(Role.Operator, email: Email);
        using var socket = await ConnectAsync(path, request => request.SetRequestHeader("Cookie", $"{cookie.Name}={cookie.Value}"));

        switch (what)
        {
            case "signed out": await _app.Services.GetRequiredService<Sessions>().EndAllAsync(_app.Services.AccountId(Email), null, Stop); break;
            case "another role": await _app.Services.ChangeAsync(Email, account => account.Role = Role.Viewer); break;
            case "shut out": await _app.Services.ChangeAsync(Email, account => account.Disabled = _time.GetUtcNow()); break;
            default: await _app.Services.ChangeAsync(Email, account => account.Sites = ["a-site"]); break;
        }

        _time.Advance(LiveConnections.Beat);

        await EndsAsync(socket);
    }

    [Fact]
    public async Task Connection_of_a_key_ends_when_it_is_revoked()
    {
        var keys = _app.Services.GetRequiredService<ApiKeys>();
        var (key, rowId) = await keys.MakeAsync("a script", Role.Viewer, null, Stop);
        using var socket = await ConnectAsync("/hubs/imports", request => request.SetRequestHeader("Authorization", $"Bearer {key}"));

        await keys.RevokeAsync(rowId, Stop);
        _time.Advance(LiveConnections.Beat);

        await EndsAsync(socket);
    }

    [Fact]
    public async Task Connection_ends_when_the_session_is_over_by_the_clock()
    {
        var cookie = await _app.Services.SignInAsync(Role.Viewer, email: Email);
        using var socket = await ConnectAsync("/_blazor", request => request.SetRequestHeader("Cookie", $"{cookie.Name}={cookie.Value}"));

        _time.Advance(Sessions.Longest);

        await EndsAsync(socket);
    }

    [Fact]
    public async Task Connection_of_somebody_else_stays()
    {
        await _app.Services.SignInAsync(Role.Viewer, email: "leaves@example.com");
        var cookie = await _app.Services.SignInAsync(Role.Viewer, email: Email);
        using var socket = await ConnectAsync("/hubs/imports", request => request.SetRequestHeader("Cookie", $"{cookie.Name}={cookie.Value}"));

        await _app.Services.GetRequiredService<Sessions>().EndAllAsync(_app.Services.AccountId("leaves@example.com"), null, Stop);
        _time.Advance(LiveConnections.Beat);
        await _app.PostAsync(new WixWebhook());

        // It still hears what comes.
        var buffer = new byte[4_096];
        string text;
        do
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            text = Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Stop)).Count);
        }
        while (!text.Contains("ImportsChanged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/hubs/imports")]
    [InlineData("/_blazor")]
    public async Task Nobody_opens_one_without_signing_in(string path)
    {
        var fault = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(path, _ => { }));

        Assert.Contains("401", fault.Message, StringComparison.Ordinal);
    }

    private async Task<ClientWebSocket> ConnectAsync(string path, Action<ClientWebSocketOptions> dress)
    {
        var socket = new ClientWebSocket();
        dress(socket.Options);
        try
        {
            await socket.ConnectAsync(new UriBuilder(_app.Client.BaseAddress!) { Scheme = "ws", Path = path }.Uri, Stop);
            await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"protocol\":\"{(path == "/_blazor" ? "blazorpack" : "json")}\",\"version\":1}}\u001e"), WebSocketMessageType.Text, true, Stop);

            // The answer to the handshake: from here on it is open.
            await socket.ReceiveAsync(new byte[4_096], Stop);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task EndsAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4_096];
        try
        {
            while ((await socket.ReceiveAsync(buffer, Stop)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut off in the middle, which is the point.
        }

        Assert.NotEqual(WebSocketState.Open, socket.State);
    }
}
