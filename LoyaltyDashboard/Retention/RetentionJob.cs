using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Retention;

/// <summary>Removes what has been kept for its time: soon after the start, then each night; and when an administrator asks for it. It also ends what a stop left half done.</summary>
public sealed class RetentionJob(
    StoredData stored, PieceWriter writer, RemovalGate gate, ForgetPerson forgetting, AuditLog audit, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionJob> logger) : BackgroundService
{
    /// <summary>After the start, so that it stands in nobody's way.</summary>
    public static readonly TimeSpan FirstAfter = TimeSpan.FromMinutes(1);

    /// <summary>The time of day, where the machine is.</summary>
    public static readonly TimeSpan Night = TimeSpan.FromHours(3);

    /// <summary>What a run would remove now. Changes nothing.</summary>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<RetentionReport> PreviewAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        return await Task.Run(() => Run().RunAsync(isDry: true, cancellation), cancellation);
    }

    /// <summary>Removes it now.</summary>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    /// <exception cref="InvalidOperationException">The database was busy or full all the while.</exception>
    public async Task<RetentionReport> RunNowAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Retention, null, "asked for now"), cancellation);
        return await RunAsync(reader.Actor, cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstAfter;
        while (true)
        {
            try
            {
                await Task.Delay(pause, time, stoppingToken);
                // A fault of one does not keep the other from its work.
                await TryAsync("What is to be forgotten could not be removed", () => forgetting.FinishAsync(stoppingToken));
                await TryAsync("What has been kept for its time could not be removed", () => RunAsync(AuditEntry.Program, stoppingToken));
            }
            catch (OperationCanceledException)
            {
                // The program ends.
                return;
            }

            pause = UntilNight();
        }
    }

    private async Task TryAsync(string fault, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.LogError("{Fault}; it is tried again the next night: {Reason}", fault, exception.Message);
        }
    }

    private async Task<RetentionReport> RunAsync(string actor, CancellationToken cancellation)
    {
        using var place = await gate.EnterAsync(cancellation);
        // Off the caller's thread, which may be a page's.
        var report = await Task.Run(() => Run().RunAsync(isDry: false, cancellation), cancellation);
        if (!report.IsNothing)
        {
            logger.LogInformation("Removed what has been kept for its time: {Report}", report);
        }

        await audit.AppendAsync(new(actor, AuditAction.Retention, null, $"removed {report}"), CancellationToken.None);
        return report;
    }

    private RetentionRun Run() => new(stored, writer, options, time);

    private TimeSpan UntilNight()
    {
        var now = time.GetLocalNow();
        var night = Night - now.TimeOfDay;
        // A clock may wake a timer a little early; that must not make two nights of one.
        return night > TimeSpan.FromMinutes(1) ? night : night + TimeSpan.FromDays(1);
    }
}
