using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Names a site as Wix's Get App Instance does.</summary>
public static class NamedSite
{
    public static SiteAnswer Answer(string instanceId, string name, string? url = null) =>
        new() { InstanceId = instanceId, At = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), Link = SiteLink.Connected, SiteName = name, SiteUrl = url };
}
