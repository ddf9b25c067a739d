using System.Net;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests;

/// <summary>Limits of a program behind a proxy, which says who asks. They are filled up again by the system's own clock, so slowly here that no test lives to see it.</summary>
public sealed class RateLimitsTests : IDisposable
{
    private readonly DashboardApp _app = DashboardApp.Start(
        settings: new() { ["Access:Proxies:0"] = "127.0.0.1" },
        services: services => services.Configure<RateLimits>(limits => (limits.SignInsAtOnce, limits.SignInsPerMinute, limits.QuestionsAtOnce, limits.QuestionsPerMinute) = (2, 1, 3, 1)));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-in/code")]
    [InlineData("/enter/some-secret")]
    [InlineData("/account/password")]
    public async Task Tries_to_sign_in_are_limited_by_address(string path)
    {
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync(path, "203.0.113.5")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync(path, "203.0.113.5")).StatusCode);

        using var limited = await TryAsync(path, "203.0.113.5");

        Assert.Equal((HttpStatusCode.TooManyRequests, "text/plain"), (limited.StatusCode, limited.Content.Headers.ContentType!.MediaType));
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync(path, "203.0.113.6")).StatusCode);
    }

    [Fact]
    public async Task Neighbours_of_a_line_of_IPv6_share_their_tries()
    {
        await TryAsync("/sign-in", "2001:db8:1:2::1");
        await TryAsync("/sign-in", "2001:db8:1:2::2");

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync("/sign-in", "2001:db8:1:2:3::3")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync("/sign-in", "2001:db8:1:3::1")).StatusCode);
    }

    [Fact]
    public async Task Lines_of_one_network_of_IPv6_share_theirs()
    {
        for (var i = 0; i < 8; i++)
        {
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync("/sign-in", $"2001:db8:1:{i:x}::1")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryAsync("/sign-in", "2001:db8:1:ffff::1")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await TryAsync("/sign-in", "2001:db8:2:ffff::1")).StatusCode);
    }

    [Fact]
    public async Task Tunnel_that_ends_here_is_not_one_visitor_for_all()
    {
        using var app = DashboardApp.Start(
            settings: new() { ["Dashboard:PublicUrl"] = "https://dash.example" },
            services: services => services.Configure<RateLimits>(limits => (limits.SignInsAtOnce, limits.SignInsPerMinute, limits.QuestionsAtOnce) = (2, 1, 3)));
        using var client = app.ClientOf(null);
        for (var i = 0; i < 5; i++)
        {
            using var form = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Headers = { Host = "dash.example" }, Content = new FormUrlEncodedContent([]) };
            Assert.Equal(HttpStatusCode.BadRequest, (await client.SendAsync(form, Stop)).StatusCode);
            using var question = new HttpRequestMessage(HttpMethod.Get, "/api/imports") { Headers = { Host = "dash.example" } };
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(question, Stop)).StatusCode);
        }

        // Who sits at this machine is told apart as before.
        await client.PostAsync("/sign-in", new FormUrlEncodedContent([]), Stop);
        await client.PostAsync("/sign-in", new FormUrlEncodedContent([]), Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await client.PostAsync("/sign-in", new FormUrlEncodedContent([]), Stop)).StatusCode);
    }

    [Fact]
    public async Task Pages_and_files_are_not_limited()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await AskAsync("/sign-in", "203.0.113.5", null)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await AskAsync("/app.css", "203.0.113.5", null)).StatusCode);
        }
    }

    [Fact]
    public async Task Questions_are_limited_by_key_wherever_it_is_used_and_by_address_without_one()
    {
        var key = await _app.Services.MakeKeyAsync(Role.Viewer);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync("/api/imports", $"203.0.113.{i}", key)).StatusCode);
        }

        using var limited = await AskAsync("/api/imports/export?format=csv", "203.0.113.9", key);
        Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json"), (limited.StatusCode, limited.Content.Headers.ContentType!.MediaType));
        Assert.NotNull(limited.Headers.RetryAfter);

        Assert.Equal(HttpStatusCode.OK, (await AskAsync("/api/imports", "203.0.113.1", TestAccess.Key)).StatusCode);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/api/imports", "203.0.113.5", $"no-such-key-{i}")).StatusCode);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await AskAsync("/api/imports", "203.0.113.5", "no-such-key")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync("/api/imports", "203.0.113.6", "no-such-key")).StatusCode);
    }

    private Task<HttpResponseMessage> TryAsync(string path, string from) => SendAsync(HttpMethod.Post, path, from, null);

    private Task<HttpResponseMessage> AskAsync(string path, string from, string? key) => SendAsync(HttpMethod.Get, path, from, key);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string from, string? key)
    {
        using var client = _app.ClientOf(null);
        using var request = new HttpRequestMessage(method, path) { Headers = { { "X-Forwarded-For", from }, { "X-Forwarded-Proto", "https" }, { "X-Forwarded-Host", "dash.example" } } };
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        if (method == HttpMethod.Post)
        {
            request.Content = new FormUrlEncodedContent([]);
        }

        return await client.SendAsync(request, Stop);
    }
}
