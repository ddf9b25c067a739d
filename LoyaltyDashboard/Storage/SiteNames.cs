using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Storage;

/// <summary>Keeps the names of sites, which webhooks do not carry.</summary>
public sealed class SiteNames(IDbContextFactory<DashboardDb> databases, TimeProvider time)
{
    /// <summary>Notes a site's name and address.</summary>
    public async Task SetAsync(string instanceId, string name, string? url, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var (key, folded, now) = (IdKey.Pack(instanceId), TextFold.Fold(name), UtcTicks.From(time.GetUtcNow()));
        await database.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO sites (InstanceId, Name, FoldedName, Url, FirstSeen) VALUES ({key}, {name}, {folded}, {url}, {now})
             ON CONFLICT (InstanceId) DO UPDATE SET Name = excluded.Name, FoldedName = excluded.FoldedName, Url = excluded.Url
             """,
            cancellation);
    }
}
