using Microsoft.AspNetCore.SignalR;

namespace LoyaltyDashboard.Live;

/// <summary>What live clients are told.</summary>
public interface IImportsClient
{
    /// <summary>These imports changed; an empty list means "many". At most four times a second.</summary>
    Task ImportsChanged(IReadOnlyCollection<string> ids);
}

/// <summary>
/// <c>/hubs/imports</c>: for clients other than our own pages. It only sends. Each client is a subscriber of the feed of its own, so that one that stops reading
/// holds nobody but itself.
/// </summary>
public sealed class ImportsHub(ImportFeed feed, IHubContext<ImportsHub, IImportsClient> hub) : Hub<IImportsClient>
{
    private static readonly object _subscriptionKey = new();

    /// <inheritdoc/>
    public override Task OnConnectedAsync()
    {
        // The hub itself lives for one call; the client is reached through the context.
        var client = hub.Clients.Client(Context.ConnectionId);
        Context.Items[_subscriptionKey] = feed.Subscribe(changes => client.ImportsChanged(changes.Ids));
        return base.OnConnectedAsync();
    }

    /// <inheritdoc/>
    public override async Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items[_subscriptionKey] is FeedSubscription subscription)
        {
            await subscription.DisposeAsync();
        }

        await base.OnDisconnectedAsync(exception);
    }
}
