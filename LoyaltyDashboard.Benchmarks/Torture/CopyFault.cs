using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>The process is stopped in the middle of whatever it does and its files are copied: what a copy holds is what the system was given before the answer.</summary>
internal sealed class CopyFault() : Fault("copy", "stopped (SIGSTOP) at random moments and its files copied, under full load", "the copy opens and holds every event answered before the stop")
{
    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var rounds = isShort ? 3 : 20;
        await using var ground = Ground.Prepare(isShort ? 5_000 : 40_000);
        await ground.StartAsync();
        using var stop = new CancellationTokenSource();
        var load = ground.FloodAsync(64, stop.Token);
        var (random, amiss, most) = (new Random(5), new List<string>(), 0);
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(random.Next(100, 900), CancellationToken.None);
            await ground.Dashboard.SignalAsync("STOP");
            while (!IsStopped(ground.Dashboard.Id))
            {
                await Task.Delay(1, CancellationToken.None);
            }

            // What it had answered is on its way to the senders.
            await Task.Delay(100, CancellationToken.None);
            var answered = ground.Answered.Snapshot();
            var copy = ground.File($"copy-{round}.db");
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Copy(ground.DatabasePath + suffix, copy + suffix);
            }

            await ground.Dashboard.SignalAsync("CONT");
            amiss.AddRange(await Stored.FaultsAsync(copy, answered, $"copy {round + 1}"));
            most = Math.Max(most, answered.Count);
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Delete(copy + suffix);
            }
        }

        await stop.CancelAsync();
        await load;
        return Verdict.Of(amiss, Text.Of($"{rounds} copies, the last with {most:N0} events"));
    }

    // Every thread of it, not only the first.
    private static bool IsStopped(int id) => !Directory.GetDirectories($"/proc/{id}/task").Any(Runs);

    private static bool Runs(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "stat")).Split(')')[^1].TrimStart()[0] is not ('T' or 'Z');
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }
}
