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
public sealed class ImportsHub(ImportFeed feed, IHubContext<ImportsHub, IImportsClient> hub, TimeProvider time, ILogger<ImportsHub> logger) : Hub<IImportsClient>
{
    /// <summary>
    /// How long a client may leave what it is sent unread before it is hung up on. SignalR itself drops only those that say nothing; one that says that it lives and reads
    /// nothing would hold its buffers for ever.
    /// </summary>
    public static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private static readonly object _subscriptionKey = new();

    /// <inheritdoc/>
    public override Task OnConnectedAsync()
    {
        // The hub itself lives for one call; the client is reached through the context.
        var (client, connection) = (hub.Clients.Client(Context.ConnectionId), Context);
        Context.Items[_subscriptionKey] = feed.Subscribe(changes => SendOrHangUpAsync(client.ImportsChanged(changes.Ids), connection.Abort, time, logger));
        return base.OnConnectedAsync();
    }

    internal static async Task SendOrHangUpAsync(Task send, Action hangUp, TimeProvider time, ILogger logger)
    {
        try
        {
            await send.WaitAsync(LongestSend, time);
        }
        catch (TimeoutException)
        {
            logger.LogInformation("A live client read nothing for {Seconds} s and was hung up on", LongestSend.TotalSeconds);
            hangUp();
        }
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
