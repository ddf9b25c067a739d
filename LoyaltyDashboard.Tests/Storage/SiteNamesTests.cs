using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class SiteNamesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Name_is_kept_and_a_later_one_replaces_it()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        var time = new WatchedTime();
        var names = new SiteNames(database.Contexts, time);

        await names.SetAsync(WixWebhook.Site, "Old", null, Stop);
        time.Advance(TimeSpan.FromDays(1));
        await names.SetAsync(WixWebhook.Site, "ROSA'S Café", "https://rosas.example/", Stop);

        await using var context = await database.Contexts.CreateDbContextAsync(Stop);
        var site = await context.Sites.SingleAsync(Stop);
        Assert.Equal((WixWebhook.Site, "ROSA'S Café", "rosa's café", "https://rosas.example/"), (site.InstanceId, site.Name, site.FoldedName, site.Url));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), site.FirstSeen);
    }
}
