using LoyaltyDashboard.Ingest;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class WriterHealthTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writer_that_commits_is_healthy()
    {
        await using var writer = await RunningWriter.StartAsync();

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(writer.Queue)).Status);
    }

    [Fact]
    public async Task Writer_that_does_not_answer_is_unhealthy_after_a_second()
    {
        // Nobody reads this queue.
        var check = CheckAsync(new IngestQueue(_time));

        _time.Advance(WriterHealth.LongestWait);

        Assert.Equal("The writer did not answer within 1 s.", (await check).Description);
    }

    [Fact]
    public async Task Writer_that_stops_is_unhealthy()
    {
        var writer = await RunningWriter.StartAsync();
        await writer.DisposeAsync();

        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(writer.Queue)).Status);
    }

    [Fact]
    public async Task Refusal_counts_for_a_while()
    {
        await using var writer = await RunningWriter.StartAsync();

        writer.Queue.RefusedAt = _time.GetUtcNow();
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(writer.Queue)).Status);
        _time.Advance(WriterHealth.RefusalCountsFor);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(writer.Queue)).Status);
    }

    private Task<HealthCheckResult> CheckAsync(IngestQueue queue) => new WriterHealth(queue, _time).CheckHealthAsync(new HealthCheckContext(), Stop);
}
