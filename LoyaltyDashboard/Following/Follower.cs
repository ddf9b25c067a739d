using System.Data.Common;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>
/// Follows imports to their end. Looks into the schedule once a second and gives each site that is due its round, a few sites at a time, the longest due first. It
/// holds no schedule of its own: after a crash it goes on where the database says.
/// </summary>
public sealed class Follower(WixApi wix, FollowPlan plan, SiteRound round, IngestQueue queue, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Follower> logger) : BackgroundService
{
    /// <summary>Sites that are asked for at once.</summary>
    public const int MostAtOnce = 16;

    /// <summary>Between two looks into the schedule.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks while answers cannot be stored: doubled from <see cref="Tick"/> up to this.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // Fifty sites a second: a start with thousands of sites asks for each within minutes, and never for all at once.
    private static readonly TimeSpan _apartAtStart = TimeSpan.FromMilliseconds(20);

    // Clocks are corrected by less than this without harm: a question comes so much later.
    private static readonly TimeSpan _smallestStepBack = TimeSpan.FromSeconds(30);

    // The clock beside the time that has passed, at the last look.
    private (DateTimeOffset Now, long Timestamp)? _seen;

    /// <summary>Asks for all that is due, until nothing is.</summary>
    /// <returns>False when an answer could not be stored.</returns>
    public async Task<bool> PassAsync(CancellationToken cancellation)
    {
        if (!await FollowClockAsync(cancellation))
        {
            return false;
        }

        var running = new Dictionary<long, Task<bool>>();
        var isStored = true;
        try
        {
            while (true)
            {
                if (isStored && running.Count < MostAtOnce)
                {
                    foreach (var site in await plan.SitesAsync(time.GetUtcNow(), running.Keys, MostAtOnce - running.Count, cancellation))
                    {
                        running[site.RowId] = round.RunAsync(site, cancellation);
                    }
                }

                if (running.Count == 0)
                {
                    return isStored;
                }

                // A slow site does not hold those that come due meanwhile.
                await Task.WhenAny([.. running.Values, Task.Delay(Tick, time, cancellation)]);
                foreach (var (site, task) in running.Where(r => r.Value.IsCompleted).ToList())
                {
                    running.Remove(site);
                    isStored &= await task;
                }
            }
        }
        finally
        {
            // None is left behind, whatever ended the pass.
            await Task.WhenAll(running.Values.Select(task => task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)));
        }
    }

    /// <summary>Makes every site due for a comparison of lists, as each start does.</summary>
    public async Task<bool> BeginAsync(CancellationToken cancellation) => await queue.EnqueueAsync(new FollowingStarts(time.GetUtcNow(), _apartAtStart), cancellation) is { Status: IngestStatus.Committed };

    // A plan is made by the clock. Set back by an hour, it would hold every import for an hour.
    private async Task<bool> FollowClockAsync(CancellationToken cancellation)
    {
        var (now, timestamp) = (time.GetUtcNow(), time.GetTimestamp());
        if (_seen is { } seen && seen.Now + time.GetElapsedTime(seen.Timestamp, timestamp) - now is var back && back > _smallestStepBack)
        {
            if (await queue.EnqueueAsync(new ClockWentBack(back), cancellation) is not { Status: IngestStatus.Committed })
            {
                return false;
            }

            logger.LogWarning("The clock was set back by {Seconds:N0} s; what was planned by it is moved by as much", back.TotalSeconds);
        }

        _seen = (now, timestamp);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!wix.CanFollow)
        {
            logger.LogInformation("Imports are not followed: set Wix:AppId and Wix:AppSecret to see how each goes on");
            return;
        }

        try
        {
            // The sandbox's address is ours, and known only then.
            await WaitForStartAsync(stoppingToken);
            while (!await BeginAsync(stoppingToken))
            {
                await Task.Delay(Tick, time, stoppingToken);
            }

            for (var pause = Tick; ;)
            {
                // A database that takes nothing is not helped by more answers for it.
                pause = await PassCarefullyAsync(stoppingToken) ? Tick : pause * 2 < LongestPause ? pause * 2 : LongestPause;
                await Task.Delay(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task WaitForStartAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
    }

    // A follower that ends quietly would leave every import as it was.
    private async Task<bool> PassCarefullyAsync(CancellationToken cancellation)
    {
        try
        {
            return await PassAsync(cancellation);
        }
        catch (DbException exception)
        {
            logger.LogWarning("The schedule could not be read: {Reason}", exception.Message);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            logger.LogError(exception, "Following met an unexpected fault and goes on");
        }

        return false;
    }
}
