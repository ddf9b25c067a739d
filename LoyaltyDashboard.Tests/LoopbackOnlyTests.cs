using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests;

public sealed class LoopbackOnlyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://0.0.0.0:0")]
    [InlineData("http://[::]:0")]
    [InlineData("http://*:0")]
    [InlineData("http://+:0")]
    [InlineData("http://192.0.2.1:0")]
    [InlineData("http://dashboard.example:0")]
    public async Task Any_other_address_is_refused_before_it_is_opened(string url)
    {
        await using var app = Build(url);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(Stop));

        Assert.StartsWith("LoyaltyDashboard has no sign-in yet and listens on this machine only, but was told to listen on ", refusal.Message);
        Assert.EndsWith("Set ASPNETCORE_URLS (or --urls) to http://localhost:5080 and let a tunnel forward /webhooks/ to it.", refusal.Message);
    }

    [Fact]
    public async Task Loopback_is_opened()
    {
        await using var app = Build("http://127.0.0.1:0");

        await app.StartAsync(Stop);

        Assert.StartsWith("http://127.0.0.1:", Assert.Single(app.Urls));
    }

    private static WebApplication Build(string url)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        return builder.ListenOnLoopbackOnly().Build();
    }
}
