namespace LoyaltyDashboard.Imports;

/// <summary>
/// When to ask Wix for an import again. One rule: after a quarter of the time for which it has stood as it is, so what is shown is never older than a quarter of what it
/// describes, within limits by status: seconds while Wix works on it, up to two hours while it waits for a person. The figures are in docs/decisions.
/// </summary>
public static class FollowSchedule
{
    /// <summary>From an announcement to the first question.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(2);

    /// <summary>How long a 404 for an import that the API never showed counts as "not there yet".</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromMinutes(2);

    /// <summary>Between two questions at most, whatever the status.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    /// <summary>How far Wix's clock may be ahead of ours; what is dated later is no time.</summary>
    public static readonly TimeSpan FurthestAhead = TimeSpan.FromHours(1);

    private const int Share = 4;

    // Ten percent either way, so that imports that came together are not asked for together for ever.
    private const double Spread = 0.1;

    private static readonly TimeSpan _longestWhileMoving = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan _oneDay = TimeSpan.FromDays(1);

    /// <summary>The time between two questions, before it is spread.</summary>
    /// <param name="status">The status now.</param>
    /// <param name="age">How long the import has stood as it is.</param>
    /// <returns>Null for a finished import, which changes no more.</returns>
    public static TimeSpan? Interval(ImportStatus status, TimeSpan age)
    {
        if (status.IsFinal())
        {
            return null;
        }

        // What has not moved for a day is not quick any more.
        var isQuick = status is ImportStatus.Initiated or ImportStatus.Parsing or ImportStatus.Importing && age < _oneDay;
        var shortest = TimeSpan.FromSeconds(isQuick ? 2 : status == ImportStatus.Parsed ? 10 : 30);
        var longest = isQuick ? _longestWhileMoving : Longest;
        return TimeSpan.FromTicks(Math.Clamp(age.Ticks / Share, shortest.Ticks, longest.Ticks));
    }

    /// <summary>When to ask next.</summary>
    /// <param name="status">The status now.</param>
    /// <param name="since">Since when the import stands as it is, by Wix's clock; one that is ahead of ours counts as now.</param>
    /// <param name="now">When it was seen so.</param>
    /// <param name="seed">Spreads imports that came together; the same seed gives the same time.</param>
    public static DateTimeOffset? NextAsk(ImportStatus status, DateTimeOffset since, DateTimeOffset now, long seed)
    {
        var age = now > since ? now - since : TimeSpan.Zero;
        return Interval(status, age) is { } interval ? now + (interval * (1 + (Spread * ((Scatter(seed) * 2) - 1)))) : null;
    }

    // From 0 to 1, and far apart for neighbours.
    private static double Scatter(long seed) => (unchecked((ulong)seed * 0x9E3779B97F4A7C15) >> 11) / (double)(1UL << 53);
}
