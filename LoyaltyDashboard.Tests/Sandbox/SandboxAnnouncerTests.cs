using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LoyaltyDashboard.Tests.Sandbox;

/// <summary>The announcer in a program whose start never ends.</summary>
public sealed class SandboxAnnouncerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announcer_that_is_stopped_before_the_start_has_ended_ends_without_a_fault()
    {
        using var running = new RunningSandbox();
        var start = new EndlessStart();
        using var announcer = ActivatorUtilities.CreateInstance<SandboxAnnouncer>(running.Services, start);
        await announcer.StartAsync(Stop);
        await start.IsAwaited.WaitAsync(Stop);

        await announcer.StopAsync(Stop);

        // The host takes a task that was cancelled for a fault unless it stops by itself.
        Assert.Equal(TaskStatus.RanToCompletion, announcer.ExecuteTask!.Status);
    }

    private sealed class EndlessStart : IHostApplicationLifetime
    {
        private readonly TaskCompletionSource _isAwaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsAwaited => _isAwaited.Task;

        public CancellationToken ApplicationStarted
        {
            get
            {
                _isAwaited.TrySetResult();
                return CancellationToken.None;
            }
        }

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => throw new NotSupportedException();
    }
}
