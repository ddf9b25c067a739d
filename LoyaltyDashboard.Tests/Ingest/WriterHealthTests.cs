using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class WriterHealthTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Database_that_can_be_written_is_healthy()
    {
        using var database = await TempDatabase.CreateAsync(Stop);

        Assert.Equal(HealthStatus.Healthy, (await new WriterHealth(database.Connection).CheckHealthAsync(new HealthCheckContext(), Stop)).Status);
    }

    [Fact]
    public async Task Database_that_cannot_be_opened_is_unhealthy_and_says_why()
    {
        var nowhere = new SqliteConnectionStringBuilder { DataSource = "/no/such/directory/test.db" };

        var result = await new WriterHealth(nowhere).CheckHealthAsync(new HealthCheckContext(), Stop);

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.StartsWith("The database cannot be written: ", result.Description);
    }
}
