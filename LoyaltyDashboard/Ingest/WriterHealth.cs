using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoyaltyDashboard.Ingest;

/// <summary>Ready: the write lock of the database can be had, so a webhook could be stored.</summary>
public sealed class WriterHealth(SqliteConnectionStringBuilder connection) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var own = SqliteSetup.Open(connection.ConnectionString);
            using var transaction = own.BeginTransaction(deferred: false);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (SqliteException exception)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"The database cannot be written: {exception.Message}"));
        }
    }
}
