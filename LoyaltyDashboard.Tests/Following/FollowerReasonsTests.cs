using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Following;

public sealed class FollowerReasonsTests
{
    private static readonly TimeSpan _tokenLife = TimeSpan.FromHours(4) - TimeSpan.FromMinutes(6);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_is_made_that_the_schedule_does_not_explain()
    {
        using var wix = new FollowedSandbox();
        string[] sites = [FollowedSandbox.Site, "f1a2b3c4-0001-4002-8003-000000000002", "f1a2b3c4-0001-4002-8003-000000000003"];
        for (var i = 0; i < 24; i++)
        {
            await wix.AnnounceAsync($"import-{i}", sites[i % 3], waitsForEver: i % 4 == 0, failures: i % 5, parseError: i % 7 == 3 ? "EMPTY_FILE" : null);
        }

        wix.Create("never-announced", ago: TimeSpan.FromDays(3));
        List<string> unexplained = [];
        var lastToken = new Dictionary<string, DateTimeOffset>();

        await wix.RunAsync(TimeSpan.FromHours(9), async () =>
        {
            var now = wix.Time.GetUtcNow();
            var asked = wix.Log.Total;
            await using var database = await wix.App.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
            var plans = await database.Sites.AsNoTracking().ToDictionaryAsync(s => s.InstanceId, Stop);
            var due = await database.Imports.AsNoTracking().Where(i => i.NextAsk <= now).Select(i => i.Site!.InstanceId).Distinct().ToListAsync(Stop);
            var unfinished = await database.Imports.AsNoTracking().Where(i => i.NextAsk != null).Select(i => i.Id).ToListAsync(Stop);
            return () =>
            {
                var entries = wix.Log.Entries.TakeLast((int)(wix.Log.Total - asked)).ToList();
                foreach (var entry in entries)
                {
                    var (site, isComparison) = (plans[entry.InstanceId!], entry.What?.Contains("$lte", StringComparison.Ordinal) == false);
                    var isExplained = wix.Word(entry) switch
                    {
                        "token" => !lastToken.TryGetValue(site.InstanceId, out var last) || now - last >= _tokenLife,
                        "name" => site.NextNaming <= now,
                        "query" => isComparison ? site.NextRecovery <= now : due.Contains(site.InstanceId),
                        _ => due.Contains(site.InstanceId) && unfinished.Contains(entry.What!),
                    };
                    if (!isExplained || entry.Status != 200)
                    {
                        unexplained.Add(entry.ToString());
                    }

                    if (wix.Word(entry) == "token")
                    {
                        lastToken[site.InstanceId] = now;
                    }
                }

                unexplained.AddRange(entries.GroupBy(e => (e.InstanceId, Word: wix.Word(e))).Where(g => g.Key.Word != "query" && g.Count() > 1).Select(g => $"{g.Key} asked {g.Count()} times at once"));
            };
        });

        Assert.Empty(unexplained);
        Assert.InRange(wix.Log.Total, 60, 600);
    }
}
