namespace LoyaltyDashboard.Live;

/// <summary>
/// How long watchers rest between two calls, so that all of them together take no more than a fifth of the machine, however many they are: the writer comes first. Time is
/// taken by the clock on the wall, so on a busy machine calls take longer and rests grow by themselves.
/// </summary>
internal sealed class FeedPace
{
    private const int RestPerWork = 4;

    // A call that took longer was waiting for something; one slow watcher is not to slow down the others.
    private static readonly long _mostOfOne = FeedSubscription.ShortestInterval.Ticks;

    // What the last calls of all watchers took, in ticks.
    private long _together;

    /// <summary>Takes in what a watcher's call took.</summary>
    /// <param name="share">What the watcher's last call counts with.</param>
    /// <param name="took">How long its call took.</param>
    /// <returns>How long it should rest.</returns>
    public TimeSpan RestAfter(ref long share, TimeSpan took)
    {
        var before = share;
        share = Math.Min(took.Ticks, _mostOfOne);
        var together = Interlocked.Add(ref _together, share - before) / Environment.ProcessorCount;
        return TimeSpan.FromTicks(RestPerWork * Math.Max(took.Ticks, together));
    }

    /// <summary>Counts a watcher no more.</summary>
    public void Leave(ref long share)
    {
        Interlocked.Add(ref _together, -share);
        share = 0;
    }
}
