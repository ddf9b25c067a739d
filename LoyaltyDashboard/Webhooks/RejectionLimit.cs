using System.Net;

namespace LoyaltyDashboard.Webhooks;

/// <summary>
/// How many requests that fail the signature are answered with their fault: so many a minute from each address, and so many in all. What is more than that is answered 429 and counted. Asked
/// only once a request has failed, so nothing that is signed is ever limited.
/// </summary>
public sealed class RejectionLimit(TimeProvider time, int mostOfOne = RejectionLimit.MostOfOne, int mostOfAll = RejectionLimit.MostOfAll)
{
    /// <summary>A minute from one address.</summary>
    public const int MostOfOne = 60;

    /// <summary>A minute from all together.</summary>
    public const int MostOfAll = 600;

    // Guarded by _gate. Holds no more addresses than are answered in a minute.
    private readonly Lock _gate = new();
    private readonly Dictionary<AddressGroup, int> _ofOne = [];
    private long _minute;
    private int _ofAll;

    /// <summary>Counts a request that failed.</summary>
    /// <returns>Null when it is to be told why; else in how many seconds it would be again.</returns>
    public int? Count(IPAddress? from)
    {
        var now = time.GetUtcNow().Ticks;
        var minute = now / TimeSpan.TicksPerMinute;
        lock (_gate)
        {
            if (minute != _minute)
            {
                (_minute, _ofAll) = (minute, 0);
                _ofOne.Clear();
            }

            var group = AddressGroup.Of(from);
            var counted = _ofOne.GetValueOrDefault(group);
            if (counted < mostOfOne && _ofAll < mostOfAll)
            {
                (_ofOne[group], _ofAll) = (counted + 1, _ofAll + 1);
                return null;
            }
        }

        return (int)Math.Ceiling(((minute + 1) * TimeSpan.TicksPerMinute - now) / (double)TimeSpan.TicksPerSecond);
    }
}
