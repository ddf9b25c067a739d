using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests;

/// <summary>Whose word is taken for who asks. Requests here come from 127.0.0.1.</summary>
public sealed class ProxiesTests
{
    private const string Untouched = "127.0.0.1 http direct";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("10.0.0.0/24")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("fd00::/8")]
    public void Address_and_network_are_taken(string proxy) => Assert.True(Validate(proxy).Succeeded);

    [Theory]
    [InlineData("nginx", "is neither an IP address nor a network")]
    [InlineData("", "is neither an IP address nor a network")]
    [InlineData("10.7", "is neither an IP address nor a network")]
    [InlineData("7", "is neither an IP address nor a network")]
    [InlineData("10.0.0.7:8080", "is neither an IP address nor a network")]
    [InlineData("10.0.0.0/33", "is neither an IP address nor a network")]
    [InlineData("10.0.0.7, 10.0.0.8", "is neither an IP address nor a network")]
    [InlineData("0.0.0.0/0", "is every address there is, so that anybody could pass for anybody")]
    [InlineData("::/0", "is every address there is, so that anybody could pass for anybody")]
    public void Anything_else_is_refused_with_key_fault_and_a_good_example(string proxy, string fault) => Assert.Equal(
        $"Access:Proxies:1 is \"{proxy}\", which {fault}. Good ones are 10.0.0.7 and 10.0.0.0/24, and 127.0.0.1 for a proxy on this machine.", Assert.Single(Validate("10.0.0.7", proxy).Failures!));

    [Fact]
    public async Task Nobody_is_believed_unless_named() =>
        Assert.Equal(Untouched, await AskAsync([], "203.0.113.5", "https", "dash.example"));

    [Fact]
    public async Task Nobody_is_believed_because_of_a_setting_of_the_framework() =>
        Assert.Equal(Untouched, await AskAsync([], "203.0.113.5", "https", "dash.example", ("FORWARDEDHEADERS_ENABLED", "true")));

    [Fact]
    public async Task Another_than_the_named_one_is_not_believed() =>
        Assert.Equal(Untouched, await AskAsync(["10.0.0.7"], "203.0.113.5", "https", "dash.example"));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.0/8")]
    public async Task Named_one_is_believed_who_asks_and_how(string proxy) =>
        Assert.Equal("203.0.113.5 https dash.example", await AskAsync([proxy], "203.0.113.5", "https", "dash.example"));

    [Fact]
    public async Task Chain_ends_at_the_first_who_is_not_known() =>
        Assert.Equal("203.0.113.5 https dash.example", await AskAsync(["127.0.0.1", "10.0.0.7"], "198.51.100.1, 203.0.113.5, 10.0.0.7", "http, https, http", "evil.example, dash.example, inner.example"));

    [Fact]
    public async Task Behind_a_chain_of_known_ones_who_asked_is_the_first_of_it() =>
        Assert.Equal("203.0.113.5 https dash.example", await AskAsync(["127.0.0.1", "10.0.0.7"], "203.0.113.5, 10.0.0.7", "https, http", "dash.example, inner.example"));

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(params string[] proxies) => new ProxyOptionsValidator().Validate(null, new ProxyOptions { Proxies = [.. proxies] });

    private static async Task<string> AskAsync(string[] proxies, string forwardedFor, string proto, string host, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        for (var i = 0; i < proxies.Length; i++)
        {
            builder.Configuration[$"{ProxyOptions.Key}:{i}"] = proxies[i];
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.AddProxies().CheckAddresses().Build();
        app.UseProxies();
        app.Run(context => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress} {context.Request.Scheme} {context.Request.Host.Host}"));
        await app.StartAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/")
        {
            Headers = { { "Host", "direct" }, { "X-Forwarded-For", forwardedFor }, { "X-Forwarded-Proto", proto }, { "X-Forwarded-Host", host } },
        };
        using var answer = await client.SendAsync(request, Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }
}
