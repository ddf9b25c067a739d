using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoyaltyDashboard.Ingest;

/// <summary>Ready: a webhook could be stored. The write lock can be had, and the writer has not just been refused (a full disk gives the lock all the same).</summary>
public sealed class WriterHealth(SqliteConnectionStringBuilder connection, IngestQueue queue, TimeProvider time) : IHealthCheck
{
    /// <summary>For how long a refusal counts. Without new events nothing else would tell that the fault is over.</summary>
    public static readonly TimeSpan RefusalCountsFor = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (time.GetUtcNow() - queue.RefusedAt < RefusalCountsFor)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The database has just refused events; the log says why."));
        }

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
