using Microsoft.AspNetCore.SignalR;

namespace LoyaltyDashboard.Live;

/// <summary>What live clients are told.</summary>
public interface IImportsClient
{
    /// <summary>These imports changed; an empty list means "many". At most four times a second.</summary>
    Task ImportsChanged(IReadOnlyCollection<string> ids);
}

/// <summary><c>/hubs/imports</c>: for clients other than our own pages. It only sends.</summary>
public sealed class ImportsHub : Hub<IImportsClient>;

/// <summary>One more subscriber of the feed, for all hub clients together.</summary>
public sealed class HubBroadcaster(ImportFeed feed, IHubContext<ImportsHub, IImportsClient> hub) : IHostedService
{
    private FeedSubscription? _subscription;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = feed.Subscribe(changes => hub.Clients.All.ImportsChanged(changes.Ids));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_subscription is not null)
        {
            await _subscription.DisposeAsync();
        }
    }
}
