using System.Collections.Concurrent;

namespace LoyaltyDashboard.Live;

/// <summary>Tells whoever watches the doors that deliveries came. Carries no data, like <see cref="ImportFeed"/>.</summary>
public sealed class DeliveryFeed(TimeProvider time, ILogger<DeliveryFeed> logger)
{
    private readonly ConcurrentDictionary<FeedSubscription, byte> _subscriptions = new();
    private readonly FeedPace _pace = new();

    /// <summary>Notes with every subscriber that deliveries came. Call after the commit.</summary>
    public void Publish()
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Note(null);
        }
    }

    /// <summary>Starts watching; at most four calls a second.</summary>
    public FeedSubscription Subscribe(Func<Task> onChanged)
    {
        var subscription = new FeedSubscription(_ => onChanged(), FeedSubscription.ShortestInterval, _pace, time, logger, s => _subscriptions.TryRemove(s, out _));
        _subscriptions.TryAdd(subscription, 0);
        return subscription;
    }
}
