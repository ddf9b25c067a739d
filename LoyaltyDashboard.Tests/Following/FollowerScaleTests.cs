using LoyaltyDashboard.Access;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Following;

public sealed class FollowerScaleTests
{
    private const int Sites = 500;
    private const int ImportsPerSite = 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_unfinished_imports_on_five_hundred_sites_stay_within_the_limits_and_none_is_starved()
    {
        using var wix = new FollowedSandbox();
        var queue = wix.App.Services.GetRequiredService<IngestQueue>();
        for (var site = 0; site < Sites; site++)
        {
            var imports = Enumerable.Range(0, ImportsPerSite).Select(i => wix.Create($"{site}-{i}", Site(site), ago: TimeSpan.FromMinutes(i * 7), waitsForEver: i % 2 == 0)).ToList();
            await Task.WhenAll(imports.Select(import => queue.EnqueueAsync(
                new WixWebhook { ImportId = import.Id, InstanceId = import.InstanceId, Entity = e => e["createdDate"] = $"{import.CreatedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}" }.ToDelivery(wix.Time.GetUtcNow()), Stop)));
        }

        List<(string Site, DateTimeOffset At)> asked = [];
        for (var minute = 0; minute < 12; minute++)
        {
            var before = wix.Log.Total;
            await wix.RunAsync(TimeSpan.FromMinutes(1));
            asked.AddRange(wix.Log.Entries.TakeLast((int)(wix.Log.Total - before)).Select(e => (e.InstanceId!, e.At)));
            Assert.True(wix.Log.Total - before <= SandboxLog.Most);
        }

        await using var database = await wix.App.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        Assert.Equal(Sites * ImportsPerSite, await database.Imports.CountAsync(Stop));
        Assert.Equal(Sites * ImportsPerSite / 2, await database.Imports.CountAsync(i => i.NextAsk == null, Stop));
        Assert.Equal(0, await database.Imports.CountAsync(i => i.NextAsk != null && i.LastSeen < wix.Time.GetUtcNow().AddMinutes(-60), Stop));
        Assert.Equal(Sites, await database.Sites.CountAsync(s => s.Link == SiteLink.Connected && s.OddAnswers == 0, Stop));
        Assert.Equal(Sites, asked.Select(a => a.Site).Distinct().Count());
        Assert.All(asked.GroupBy(a => a.Site, a => a.At), site => Assert.InRange(MostInAMinute([.. site.Order()]), 1, SiteRound.MostPerMinute));
        Assert.Empty(wix.Warnings);
        TestContext.Current.TestOutputHelper?.WriteLine($"{asked.Count} requests in 12 minutes, at most {asked.GroupBy(a => a.Site, a => a.At).Max(site => MostInAMinute([.. site.Order()]))} of one site in one minute");
    }

    [Fact]
    public async Task Site_with_more_to_ask_than_its_share_rests_and_holds_no_other_up()
    {
        using var wix = new FollowedSandbox();
        for (var i = 0; i < 10_500; i++)
        {
            wix.Create($"past-{i}", ago: TimeSpan.FromMinutes(i + 30));
        }

        await wix.AnnounceAsync("of-the-big-site");
        await wix.AnnounceAsync("of-a-small-site", Site(1));
        await wix.RunAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(LoyaltyDashboard.Imports.ImportStatus.Imported, (await wix.FindAsync("of-a-small-site")).Row.Status);
        Assert.Equal(SiteRound.MostPerMinute, wix.Asked().Count);
        await wix.RunAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(LoyaltyDashboard.Imports.ImportStatus.Imported, (await wix.FindAsync("of-the-big-site")).Row.Status);
        Assert.InRange(MostInAMinute([.. wix.Log.Entries.Where(e => e.InstanceId == FollowedSandbox.Site).Select(e => e.At)]), 50, SiteRound.MostPerMinute);
    }

    private static string Site(int number) => $"f1a2b3c4-0001-4002-8003-{number + 100:000000000000}";

    // In any window of sixty seconds.
    private static int MostInAMinute(IReadOnlyList<DateTimeOffset> times)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < times.Count; last++)
        {
            while (times[last] - times[first] >= TimeSpan.FromMinutes(1))
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }
}
