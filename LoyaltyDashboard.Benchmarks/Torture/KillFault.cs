using System.Collections.Concurrent;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Killed again and again on the same database, each time at another moment; what was under way is sent again, as Wix would. Between kills the database is backed up under load.</summary>
internal sealed class KillFault() : Fault(
    "kill", "`kill -9` at random moments under full load", "every event answered 200 is there exactly once, and in every backup that was begun after its answer; `integrity_check` ok; start needs no help")
{
    private const int Connections = 64;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var (rounds, perBackup) = (isShort ? 3 : 50, isShort ? 2 : 10);
        await using var ground = Ground.Prepare(isShort ? 5_000 : 60_000);
        var amiss = new List<string>();
        var starts = new List<double>();
        var underWay = new ConcurrentBag<SignedEvent>();
        var (random, backups, last) = (new Random(4), 0, "");
        IReadOnlyList<SignedEvent> inLast = [];
        for (var round = 0; round < rounds; round++)
        {
            await ground.StartAsync();
            starts.Add(ground.Dashboard.StartTime.TotalMilliseconds);
            var lost = underWay.ToList();
            underWay.Clear();
            if (await ground.RetryAsync(lost) is > 0 and var left)
            {
                amiss.Add($"{left} events were refused after a start");
            }

            using var stop = new CancellationTokenSource();
            var load = ground.FloodAsync(Connections, stop.Token, (sent, status, _) =>
            {
                if (status != 200)
                {
                    underWay.Add(sent);
                }
            });
            await Task.Delay(random.Next(200, 1_200), CancellationToken.None);
            if (round % perBackup == perBackup - 1)
            {
                (last, inLast) = (ground.File($"backup-{round}.db"), ground.Answered.Snapshot());
                await Ground.CommandAsync("backup", last, "--database", ground.DatabasePath);
                amiss.AddRange(await Stored.FaultsAsync(last, inLast, $"backup {++backups}"));
            }

            await ground.Dashboard.KillAsync();
            await stop.CancelAsync();
            await load;
            await ground.EndAsync();
        }

        await ground.StartAsync();
        await ground.RetryAsync(underWay);
        await ground.EndAsync();
        var answered = ground.Answered.Snapshot();
        amiss.AddRange(await Stored.FaultsAsync(ground.DatabasePath, answered));

        // The last backup in the place of it all, and a dashboard on that.
        await Ground.CommandAsync("restore", last, "--database", ground.DatabasePath);
        await ground.StartAsync();
        if (await ground.StatusAsync("/health/ready") != 200)
        {
            amiss.Add("not ready on a restored backup");
        }

        await ground.EndAsync();
        amiss.AddRange(await Stored.FaultsAsync(ground.DatabasePath, inLast, "the restored database"));
        return Verdict.Of(amiss, Text.Of($"{rounds} kills, {answered.Count:N0} events answered 200, {backups} backups under load, the last one restored; starts took {new Series(starts).Median:N0} ms, at most {starts.Max():N0} ms"));
    }
}
