using System.Collections.Concurrent;

namespace LoyaltyDashboard.Sandbox;

/// <summary>Wix's limit of requests a minute for each instance. How Wix cuts its minutes is not documented; here any sixty seconds are one, which is the strictest.</summary>
public sealed class SandboxRateLimit(TimeProvider time)
{
    /// <summary>Requests a minute for each instance.</summary>
    public const int PerMinute = 200;

    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Used> _used = new();

    /// <summary>Requests that came above the limit, since the start.</summary>
    public long Refused => _used.Values.Sum(used => used.Refused);

    /// <summary>The most requests of an instance in any minute that were let through; 0 if it never asked.</summary>
    public int MostInAMinute(string instanceId) => _used.TryGetValue(instanceId, out var used) ? used.Most : 0;

    /// <summary>Takes one request.</summary>
    /// <returns>Null if it is within the limit, else how long to wait.</returns>
    internal TimeSpan? Take(string instanceId)
    {
        var used = _used.GetOrAdd(instanceId, _ => new());
        lock (used)
        {
            var now = time.GetUtcNow();
            while (used.Times.TryPeek(out var first) && first + _minute <= now)
            {
                used.Times.Dequeue();
            }

            if (used.Times.Count >= PerMinute)
            {
                used.Refused++;
                return used.Times.Peek() + _minute - now;
            }

            used.Times.Enqueue(now);
            used.Most = Math.Max(used.Most, used.Times.Count);
            return null;
        }
    }

    private sealed class Used
    {
        public Queue<DateTimeOffset> Times { get; } = new();

        public int Most { get; set; }

        public long Refused { get; set; }
    }
}
