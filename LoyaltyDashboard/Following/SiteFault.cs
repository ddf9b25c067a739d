using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>What a failed question means for its site: how the link is, and how long the site rests. Pure.</summary>
public static class SiteFault
{
    /// <summary>The first rest, before it is spread; each fault in a row doubles it.</summary>
    public static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(5);

    /// <summary>The longest rest of our own choice, before it is spread.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(15);

    /// <summary>The longest rest that Wix can ask for.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    // An import whose answer cannot be used must not stand in the way of the others.
    private static readonly TimeSpan _postponement = TimeSpan.FromMinutes(5);

    // Wix takes the question for wrong, an id that is no GUID for instance: it will not be right soon, and the site is not at fault.
    private static readonly TimeSpan _postponementOfRejected = FollowSchedule.Longest;

    /// <summary>How long a site rests after so many faults in a row, this one included.</summary>
    /// <param name="faults">From 1.</param>
    /// <param name="seed">Spreads sites that failed together, by a fifth either way.</param>
    public static TimeSpan Rest(int faults, long seed)
    {
        var doubled = ShortestRest * Math.Pow(2, Math.Clamp(faults, 1, 20) - 1);
        return (doubled < LongestRest ? doubled : LongestRest) * (0.8 + (Math.Abs((seed * 7) + (faults * 3)) % 41 / 100.0));
    }

    /// <summary>What is to be written.</summary>
    /// <param name="fault">What went wrong.</param>
    /// <param name="site">For whom.</param>
    /// <param name="importId">The one import that was asked for, if it was one.</param>
    /// <param name="now">When.</param>
    public static SiteAnswer ToAnswer(WixApiException fault, DueSite site, string? importId, DateTimeOffset now)
    {
        if (fault.Fault == WixApiFault.Rejected && importId is not null && fault.StatusCode is not 401)
        {
            return new() { InstanceId = site.InstanceId, At = now, Link = SiteLink.Connected, OddAnswers = 1, OddAnswer = fault.Message, Postponed = [(importId, now + _postponementOfRejected)] };
        }

        var link = fault.Fault switch
        {
            WixApiFault.Refused => SiteLink.Refused,
            WixApiFault.TooManyRequests => SiteLink.Limited,
            WixApiFault.Unavailable => SiteLink.Unreachable,
            _ => SiteLink.NotUnderstood,
        };
        var rest = Rest(site.FaultsInARow + 1, site.RowId);
        var asked = fault.RetryAfter is { } told && told < LongestRetryAfter ? told : fault.RetryAfter is null ? TimeSpan.Zero : LongestRetryAfter;
        var isOdd = link == SiteLink.NotUnderstood;
        return new()
        {
            InstanceId = site.InstanceId,
            At = now,
            Link = link,
            Reason = fault.Message,
            NotBefore = link == SiteLink.Refused ? null : now + (asked > rest ? asked : rest),
            OddAnswers = isOdd ? 1 : 0,
            OddAnswer = isOdd ? fault.Message : null,
            Postponed = isOdd && importId is not null ? [(importId, now + _postponement)] : [],
        };
    }
}
