using System.Net;
using System.Net.WebSockets;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests;

/// <summary>What holds for every answer of the whole program, whoever gives it.</summary>
public sealed class WireTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/hubs/imports")]
    [InlineData("/_blazor")]
    public async Task WebSocket_of_another_origin_is_refused(string path)
    {
        using var app = DashboardApp.Start();
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        socket.Options.SetRequestHeader("Origin", "https://evil.example");

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new UriBuilder(app.Client.BaseAddress!) { Scheme = "ws", Path = path }.Uri, Stop));

        Assert.Equal(HttpStatusCode.NotFound, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Through_a_named_proxy_it_is_as_the_proxy_says()
    {
        using var app = DashboardApp.Start(settings: new() { ["Access:Proxies:0"] = "127.0.0.1" });

        using var https = await ThroughProxyAsync(app, HttpMethod.Get, "/health/live", "https");
        Assert.Equal(HttpStatusCode.OK, https.StatusCode);
        Assert.True(https.Headers.Contains("Strict-Transport-Security"));

        using var plain = await ThroughProxyAsync(app, HttpMethod.Get, "/", "http");
        Assert.Equal(HttpStatusCode.Forbidden, plain.StatusCode);
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));

        using var webhook = await ThroughProxyAsync(app, HttpMethod.Post, "/webhooks/wix", "http", new StringContent(new WixWebhook().Sign(app.Key)));
        Assert.Equal(HttpStatusCode.OK, webhook.StatusCode);
    }

    private static async Task<HttpResponseMessage> ThroughProxyAsync(DashboardApp app, HttpMethod method, string path, string scheme, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Headers = { { "X-Forwarded-For", "203.0.113.5" }, { "X-Forwarded-Proto", scheme }, { "X-Forwarded-Host", "dash.example" } },
            Content = content,
        };
        return await app.Client.SendAsync(request, Stop);
    }
}
