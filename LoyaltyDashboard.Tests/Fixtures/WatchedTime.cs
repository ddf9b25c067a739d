using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A fake clock that tells when somebody begins to wait on it, so that a test can advance it at the right moment without waiting itself.</summary>
public sealed class WatchedTime() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private readonly SemaphoreSlim _waits = new(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Release();
        return timer;
    }

    /// <summary>Returns when one more wait has begun since the last call.</summary>
    public Task SomebodyWaitsAsync(CancellationToken cancellation) => _waits.WaitAsync(cancellation);
}
