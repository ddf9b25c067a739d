using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Components;

/// <summary>A clock that stands still until it is advanced, and tells when somebody has begun to wait by it.</summary>
public sealed class ManualClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Ends once a wait of this length has begun that no earlier call has told of.</summary>
    public async Task WaitBegunAsync(TimeSpan length)
    {
        await foreach (var wait in _waits.Reader.ReadAllAsync(Xunit.TestContext.Current.CancellationToken))
        {
            if (wait == length)
            {
                return;
            }
        }
    }
}
