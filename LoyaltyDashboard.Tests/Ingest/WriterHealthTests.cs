using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class WriterHealthTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Database_that_can_be_written_is_healthy()
    {
        using var database = await TempDatabase.CreateAsync(Stop);

        Assert.Equal(HealthStatus.Healthy, (await new WriterHealth(database.Connection, new IngestQueue(), TimeProvider.System).CheckHealthAsync(new HealthCheckContext(), Stop)).Status);
    }

    [Fact]
    public async Task Writer_that_was_refused_is_unhealthy_until_it_is_not_or_a_while_has_passed()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        var (queue, time) = (new IngestQueue(), new FakeTimeProvider());
        var health = new WriterHealth(database.Connection, queue, time);

        queue.RefusedAt = time.GetUtcNow();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(new HealthCheckContext(), Stop)).Status);
        time.Advance(WriterHealth.RefusalCountsFor);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(new HealthCheckContext(), Stop)).Status);
    }

    [Fact]
    public async Task Database_that_cannot_be_opened_is_unhealthy_and_says_why()
    {
        var nowhere = new SqliteConnectionStringBuilder { DataSource = "/no/such/directory/test.db" };

        var result = await new WriterHealth(nowhere, new IngestQueue(), TimeProvider.System).CheckHealthAsync(new HealthCheckContext(), Stop);

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.StartsWith("The database cannot be written: ", result.Description);
    }
}
