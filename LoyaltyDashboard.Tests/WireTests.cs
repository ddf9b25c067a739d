using System.Net;
using System.Net.WebSockets;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

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

    [Theory]
    [InlineData("/", "same-origin")]
    [InlineData("/api/imports", "same-origin")]
    [InlineData("/openapi/v1.json", "same-origin")]
    [InlineData("/no-such-page", "same-origin")]
    [InlineData("/enter/secret", "no-referrer")]
    public async Task Answer_forbids_what_no_page_needs_and_is_kept_nowhere(string path, string referrer)
    {
        using var app = DashboardApp.Start();
        using var client = app.ClientOf(await app.Services.SignInAsync());

        using var answer = await client.GetAsync(path, Stop);

        Assert.Equal(
            $"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws://{client.BaseAddress!.Authority}; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(referrer, Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Contains("publickey-credentials-get=(self)", Assert.Single(answer.Headers.GetValues("Permissions-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Static_file_may_be_kept()
    {
        using var app = DashboardApp.Start();

        using var answer = await app.Client.GetAsync("/app.css", Stop);

        Assert.False(answer.Headers.CacheControl!.NoStore);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Form_may_lead_to_the_identity_provider()
    {
        using var app = DashboardApp.Start(settings: new() { ["Access:Oidc:Authority"] = "https://id.example/realms/loyalty", ["Access:Oidc:ClientId"] = "dashboard", ["Access:Oidc:ClientSecret"] = "secret" });

        using var answer = await app.Client.GetAsync("/health/live", Stop);

        Assert.Contains("; form-action 'self' https://id.example; ", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task What_went_wrong_is_for_the_log(string environment)
    {
        using var app = DashboardApp.Start(environment: environment, settings: new() { ["Sandbox:Enabled"] = "false" });
        using (var connection = new SqliteConnection($"Data Source={app.DatabasePath}"))
        {
            await connection.OpenAsync(Stop);
            using var command = connection.CreateCommand();
            command.CommandText = "DROP TABLE imports";
            await command.ExecuteNonQueryAsync(Stop);
        }

        using var answer = await app.Client.GetAsync("/api/imports", Stop);

        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Equal((HttpStatusCode.InternalServerError, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain("   at ", text);
        Assert.DoesNotContain("imports\"", text);
        Assert.DoesNotContain("Sqlite", text);
        Assert.Contains("frame-ancestors 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Contains(app.Warnings, line => line.Contains("no such table", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Door_that_breaks_says_nothing_of_it_either()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" }, services: services => services.Replace(ServiceDescriptor.Singleton<WixDoor>(_ => throw new InvalidOperationException("broken on purpose"))));

        using var answer = await app.Client.PostAsync("/webhooks/wix", new StringContent("x"), Stop);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.DoesNotContain("broken on purpose", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Contains(app.Warnings, line => line.Contains("broken on purpose", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/account")]
    [InlineData("/enter/secret")]
    [InlineData("/no-access")]
    public async Task Page_has_no_script_that_its_own_policy_forbids(string path)
    {
        using var app = DashboardApp.Start();
        using var client = app.ClientOf(path.StartsWith("/sign-in", StringComparison.Ordinal) ? null : await app.Services.SignInAsync());

        using var answer = await client.GetAsync(path, Stop);
        var page = await answer.Content.ReadAsStringAsync(Stop);

        Assert.StartsWith("<!DOCTYPE html>", page);
        Assert.DoesNotMatch("<script(?![^>]* src=)", page);
        Assert.DoesNotMatch("<[^>]+ on[a-z]+=", page);
        Assert.DoesNotContain("javascript:", page);
    }

    [Theory]
    [InlineData((int)RequestLimits.LargestBody, HttpStatusCode.OK)]
    [InlineData((int)RequestLimits.LargestBody + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Body_is_small_unless_an_address_says_otherwise(int bytes, HttpStatusCode status)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.LimitRequests().Build();
        app.Run(context => context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
        await app.StartAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var answer = await client.PostAsync("/", new ByteArrayContent(new byte[bytes]), Stop);

        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Webhook_may_be_large()
    {
        using var app = DashboardApp.Start();

        using var largest = await app.Client.PostAsync("/webhooks/wix", new ByteArrayContent(new byte[2 * 1024 * 1024]), Stop);
        using var larger = await app.Client.PostAsync("/webhooks/wix", new ByteArrayContent(new byte[(2 * 1024 * 1024) + 1]), Stop);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge), (largest.StatusCode, larger.StatusCode));
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
