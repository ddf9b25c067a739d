using System.Collections.Concurrent;

namespace LoyaltyDashboard.Access;

/// <summary>Codes of authenticator apps that were given of late. Each is good for some minutes, and somebody who looked over a shoulder is not to come in with the same one.</summary>
public sealed class UsedCodes(TimeProvider time)
{
    // Longer than Identity takes a code: its own half minute, and two minutes either way.
    private static readonly TimeSpan _kept = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(long AccountId, string Code), DateTimeOffset> _given = new();

    /// <summary>Takes a code of an account.</summary>
    /// <returns>False, if it was given before.</returns>
    public bool TryTake(long accountId, string code)
    {
        var now = time.GetUtcNow();
        foreach (var (old, until) in _given)
        {
            if (until <= now)
            {
                _given.TryRemove(old, out _);
            }
        }

        return _given.TryAdd((accountId, code), now + _kept);
    }
}
