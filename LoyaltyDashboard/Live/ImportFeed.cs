using System.Collections.Concurrent;

namespace LoyaltyDashboard.Live;

/// <summary>
/// Tells everybody who watches that imports changed: ids, never data. Publishing only leaves a note with each subscriber and returns,
/// so no page and no client can hold the writer.
/// </summary>
public sealed class ImportFeed(TimeProvider time, ILogger<ImportFeed> logger)
{
    private readonly ConcurrentDictionary<FeedSubscription, byte> _subscriptions = new();

    /// <summary>How many watch.</summary>
    public int SubscriberCount => _subscriptions.Count;

    /// <summary>Notes changed imports with every subscriber. Call after the commit, outside locks.</summary>
    public void Publish(IReadOnlyCollection<string> ids)
    {
        if (ids.Count == 0)
        {
            return;
        }

        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Note(ids);
        }
    }

    /// <summary>Starts watching. Subscribe first, load afterwards: nothing falls between.</summary>
    /// <param name="onChanged">Called off the writer's thread, never twice at once, with what changed since the last call.</param>
    /// <param name="interval">The shortest time between two calls; 250 ms if not given.</param>
    public FeedSubscription Subscribe(Func<FeedChanges, Task> onChanged, TimeSpan? interval = null)
    {
        var subscription = new FeedSubscription(onChanged, interval ?? FeedSubscription.ShortestInterval, time, logger, s => _subscriptions.TryRemove(s, out _));
        _subscriptions.TryAdd(subscription, 0);
        return subscription;
    }
}

/// <summary>What changed since the last call.</summary>
/// <param name="Ids">The imports' ids; empty when there are too many to name.</param>
public sealed record FeedChanges(IReadOnlyCollection<string> Ids)
{
    /// <summary>More than can be named.</summary>
    public bool Many => Ids.Count == 0;
}
