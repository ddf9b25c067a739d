using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A fake clock that tells when somebody begins to wait on it, so that a test can advance it at the right moment without waiting itself.</summary>
public sealed class WatchedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Returns when one more wait has begun since the last call.</summary>
    public async Task SomebodyWaitsAsync(CancellationToken cancellation) => await _waits.Reader.ReadAsync(cancellation);

    /// <summary>Returns when one more wait of a certain length has begun since the last call.</summary>
    public async Task SomebodyWaitsAsync(TimeSpan length, CancellationToken cancellation)
    {
        while (await _waits.Reader.ReadAsync(cancellation) != length)
        {
        }
    }
}
