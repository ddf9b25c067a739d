using System.Net;
using LoyaltyDashboard.Components;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Tests;

/// <summary>Who is served what, by how the program is reached. As on a real server in WixDoorTests, here with addresses that no test may listen on.</summary>
public sealed class VisitorsTests
{
    private const string Served = "200";

    // Behind a proxy on another machine, the forwarded headers already taken.
    private static readonly Setting _proxied = new(IsOpen: true, Proxies: ["10.0.0.7"]);
    private static readonly Setting _https = new(IsOpen: true, HttpsUrl: "https://0.0.0.0:8443");
    private static readonly Setting _loopback = new();
    private static readonly Setting _tunnel = new(PublicUrl: "https://dash.example");

    [Theory]
    [InlineData("http", "localhost:5080", "127.0.0.1", Served)]
    [InlineData("http", "127.0.0.1:5080", "127.0.0.1", Served)]
    [InlineData("http", "[::1]:5080", "::1", Served)]
    [InlineData("http", "dash.localhost:5080", "127.0.0.1", Served)]
    [InlineData("http", "localhost", null, Served)]
    [InlineData("http", "evil.example", "127.0.0.1", "404")]
    [InlineData("https", "evil.example", "127.0.0.1", "404")]
    [InlineData("http", "evil.example", null, "404")]
    [InlineData("http", "dash.example", "127.0.0.1", "404")]
    public async Task On_loopback_alone_only_its_own_names_are_served(string scheme, string host, string? remote, string answer) =>
        Assert.Equal(answer, await AskAsync(_loopback, scheme, host, remote));

    [Theory]
    [InlineData("dash.example", "dash.example", Served)]
    [InlineData("DASH.example", "DASH.example", Served)]
    [InlineData("hooks.example", "hooks.example", "404")]
    [InlineData("dash.example:8443", "dash.example:8443", "404")]
    public async Task Public_https_address_is_served_through_a_tunnel_of_this_machine(string host, string originHost, string answer)
    {
        Assert.Equal(answer, await AskAsync(_tunnel, "http", host, "127.0.0.1", headers: [("X-Forwarded-For", "203.0.113.5")]));
        Assert.Equal(answer, await AskAsync(_tunnel, "http", host, "127.0.0.1", headers: [("Origin", "https://" + originHost.ToLowerInvariant())]));
    }

    [Fact]
    public async Task Through_a_tunnel_it_is_https()
    {
        string? scheme = null;
        await AskAsync(_tunnel, "http", "dash.example", "127.0.0.1", served: context => scheme = context.Request.Scheme);
        Assert.Equal("https", scheme);

        await AskAsync(_tunnel, "http", "localhost:5080", "127.0.0.1", served: context => scheme = context.Request.Scheme);
        Assert.Equal("http", scheme);
    }

    [Fact]
    public async Task Public_address_without_https_opens_nothing() =>
        Assert.Equal("404", await AskAsync(new(PublicUrl: "http://dash.example"), "http", "dash.example", "127.0.0.1"));

    [Theory]
    [InlineData("https", "203.0.113.5", "GET", Served)]
    [InlineData("https", "203.0.113.5", "POST", Served)]
    [InlineData("http", "203.0.113.5", "POST", "403")]
    [InlineData("http", "203.0.113.5", "GET", "307 https://dash.example:8443/a%20b?c=d")]
    [InlineData("http", "203.0.113.5", "HEAD", "307 https://dash.example:8443/a%20b?c=d")]
    public async Task Plain_http_is_led_to_the_https_address(string scheme, string remote, string method, string answer) =>
        Assert.Equal(answer, await AskAsync(_https, scheme, "dash.example", remote, method, "/a b", "?c=d"));

    [Fact]
    public async Task Public_address_is_where_plain_http_is_led_to() => Assert.Equal(
        "307 https://dash.example/imports", await AskAsync(_proxied with { PublicUrl = "https://dash.example" }, "http", "other.example", "203.0.113.5", path: "/imports", headers: [("X-Original-For", "[::ffff:10.0.0.7]:80"), ("X-Original-Proto", "http")]));

    [Fact]
    public async Task Key_sent_by_plain_http_is_refused_and_not_led_on() =>
        Assert.Equal("403", await AskAsync(_https, "http", "dash.example", "203.0.113.5", path: "/api/imports", headers: [("Authorization", "Bearer x")]));

    [Fact]
    public async Task Without_an_https_address_there_is_nowhere_to_lead_to() => Assert.Equal("403", await AskAsync(_proxied, "http", "dash.example", "203.0.113.5"));

    [Fact]
    public async Task Proxy_that_does_not_say_the_scheme_is_not_led_round_in_a_circle() =>
        Assert.Equal("403", await AskAsync(_proxied with { PublicUrl = "https://dash.example" }, "http", "dash.example", "203.0.113.5", headers: [("X-Original-For", "[::ffff:10.0.0.7]:80")]));

    [Fact]
    public async Task Proxy_that_is_named_and_marks_nothing_passes_for_nobody_of_this_machine() =>
        Assert.Equal("403", await AskAsync(_proxied, "http", "dash.example", "127.0.0.1"));

    [Theory]
    [InlineData("http", "10.0.0.99", "/health/ready")]
    [InlineData("http", "10.0.0.99", "/webhooks/wix")]
    [InlineData("http", "127.0.0.1", "/")]
    public async Task Probes_doors_and_this_machine_itself_need_no_https(string scheme, string remote, string path) =>
        Assert.Equal(Served, await AskAsync(_https, scheme, remote == "127.0.0.1" ? "localhost:5080" : "10.0.0.5:8080", remote, path: path));

    [Theory]
    [InlineData("https://dash.example", Served)]
    [InlineData("https://dash.example:443", Served)]
    [InlineData("http://dash.example", "404")]
    [InlineData("https://dash.example:8443", "404")]
    [InlineData("https://evil.example", "404")]
    [InlineData("https://dash.example.evil.example", "404")]
    [InlineData("null", "404")]
    [InlineData("", "404")]
    public async Task Page_of_another_origin_gets_nothing(string origin, string answer)
    {
        Assert.Equal(answer, await AskAsync(_https, "https", "dash.example", "203.0.113.5", headers: [("Origin", origin)]));
        Assert.Equal(answer, await AskAsync(_https, "https", "dash.example", "203.0.113.5", path: "/_blazor", headers: [("Origin", origin), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-Fetch-Mode", "websocket")]));
    }

    [Theory]
    [InlineData("same-origin", Served)]
    [InlineData("cross-site", "404")]
    [InlineData("same-site", "404")]
    public async Task Form_of_a_page_that_says_no_address_is_known_by_what_the_browser_says_of_it(string site, string answer) => Assert.Equal(
        answer, await AskAsync(_https, "https", "dash.example", "203.0.113.5", "POST", "/enter/secret", headers: [("Origin", "null"), ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]));

    [Fact]
    public async Task Own_page_is_known_by_the_public_address_where_a_proxy_says_another_host() =>
        Assert.Equal(Served, await AskAsync(_proxied with { PublicUrl = "https://dash.example" }, "https", "upstream:8080", "203.0.113.5", headers: [("Origin", "https://dash.example")]));

    [Theory]
    [InlineData("GET", null, Served)]
    [InlineData("POST", "https://id.example", "404")]
    public async Task Identity_provider_sends_the_browser_back_by_a_link_and_not_by_a_form(string method, string? origin, string answer)
    {
        (string, string)[] headers = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")];

        Assert.Equal(answer, await AskAsync(_https, "https", "dash.example", "203.0.113.5", method, "/signin-oidc", headers: origin is null ? headers : [.. headers, ("Origin", origin)]));
    }

    private static async Task<string> AskAsync(
        Setting setting, string scheme, string host, string? remote, string method = "GET", string path = "/", string query = "", (string Name, string Value)[]? headers = null, Action<HttpContext>? served = null)
    {
        using var services = new ServiceCollection().AddSingleton<IServer>(new StubServer(setting.HttpsUrl)).BuildServiceProvider();
        var addresses = new Addresses(services);
        if (setting.IsOpen)
        {
            addresses.Note(new IPEndPoint(IPAddress.Any, 8080), "http://0.0.0.0:8080", hasProxies: true);
        }

        var visitors = new Visitors(addresses, Options.Create(new ProxyOptions { Proxies = [.. setting.Proxies ?? []] }), Options.Create(new DashboardOptions { PublicUrl = setting.PublicUrl }));
        var context = new DefaultHttpContext
        {
            Request = { Scheme = scheme, Host = new HostString(host), Method = method, Path = path, QueryString = new QueryString(query), Protocol = "HTTP/1.1" },
            Connection = { RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote) },
        };
        foreach (var (name, value) in headers ?? [])
        {
            context.Request.Headers[name] = value;
        }

        await visitors.ReceiveAsync(context, passed =>
        {
            served?.Invoke(passed);
            return Task.CompletedTask;
        });
        return $"{context.Response.StatusCode} {context.Response.Headers.Location}".TrimEnd();
    }

    private sealed record Setting(bool IsOpen = false, string[]? Proxies = null, string? PublicUrl = null, string? HttpsUrl = null);

    private sealed class StubServer : IServer
    {
        public StubServer(string? url)
        {
            var addresses = new ServerAddressesFeature();
            if (url is not null)
            {
                addresses.Addresses.Add(url);
            }

            Features.Set<IServerAddressesFeature>(addresses);
        }

        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken) where TContext : notnull => throw new NotSupportedException();

        public Task StopAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
