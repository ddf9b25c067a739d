using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LoyaltyDashboard.Ingest;

/// <summary>Ready: a webhook could be stored. The writer itself is asked for a commit, in its turn; and a refusal just before counts, since a full disk bears small commits.</summary>
public sealed class WriterHealth(IngestQueue queue, TimeProvider time) : IHealthCheck
{
    /// <summary>For how long a refusal counts. Without new events nothing else would tell that the fault is over.</summary>
    public static readonly TimeSpan RefusalCountsFor = TimeSpan.FromSeconds(30);

    /// <summary>How long the writer may take; Wix waits 1250 ms.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // One that the clock has not reached yet was noted before the clock was set back.
        if (time.GetUtcNow() - queue.RefusedAt is { } age && age.Duration() < RefusalCountsFor)
        {
            return HealthCheckResult.Unhealthy("The database has just refused events; the log says why.");
        }

        using var limit = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await queue.ProbeAsync(either.Token) is { Status: IngestStatus.Committed }
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("The writer takes nothing: it is full, stopping, or refused by the database.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"The writer did not answer within {LongestWait.TotalSeconds} s.");
        }
    }
}
