using System.Collections.Concurrent;

namespace LoyaltyDashboard.Live;

/// <summary>
/// Tells everybody who watches that imports changed: ids and whose they are, never data. Publishing only leaves a note with each subscriber and returns,
/// so no page and no client can hold the writer.
/// </summary>
public sealed class ImportFeed(TimeProvider time, ILogger<ImportFeed> logger)
{
    private readonly ConcurrentDictionary<FeedSubscription, byte> _subscriptions = new();
    private readonly FeedPace _pace = new();

    /// <summary>How many watch.</summary>
    public int SubscriberCount => _subscriptions.Count;

    /// <summary>Notes changed imports with every subscriber. Call after the commit, outside locks.</summary>
    public void Publish(IReadOnlyCollection<ChangedImport> imports)
    {
        if (imports.Count == 0)
        {
            return;
        }

        // One list for all who watch; more than a call may name need not be carried at all.
        ChangedImport[]? named = imports.Count > FeedSubscription.MostIds ? null : [.. imports];
        foreach (var subscription in _subscriptions.Keys)
        {
            subscription.Note(named);
        }
    }

    /// <summary>Starts watching. Subscribe first, load afterwards: nothing falls between.</summary>
    /// <param name="onChanged">Called off the writer's thread, never twice at once, with what changed since the last call.</param>
    /// <param name="interval">The shortest time between two calls; 250 ms if not given.</param>
    public FeedSubscription Subscribe(Func<FeedChanges, Task> onChanged, TimeSpan? interval = null) => Subscribe(onChanged, interval, _pace);

    /// <summary>Starts watching for one who only passes the news on, and so does not rest for what the others' calls take.</summary>
    internal FeedSubscription SubscribeAlone(Func<FeedChanges, Task> onChanged) => Subscribe(onChanged, null, new FeedPace());

    private FeedSubscription Subscribe(Func<FeedChanges, Task> onChanged, TimeSpan? interval, FeedPace pace)
    {
        var subscription = new FeedSubscription(onChanged, interval ?? FeedSubscription.ShortestInterval, pace, time, logger, s => _subscriptions.TryRemove(s, out _));
        _subscriptions.TryAdd(subscription, 0);
        return subscription;
    }
}
