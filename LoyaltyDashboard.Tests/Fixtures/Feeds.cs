using LoyaltyDashboard.Live;

namespace LoyaltyDashboard.Tests.Fixtures;

public static class Feeds
{
    /// <summary>Imports of the site that webhooks come from unless a test says otherwise.</summary>
    public static void Publish(this ImportFeed feed, IReadOnlyCollection<string> ids) => feed.Publish([.. ids.Select(id => new ChangedImport(id, WixWebhook.Site))]);
}
