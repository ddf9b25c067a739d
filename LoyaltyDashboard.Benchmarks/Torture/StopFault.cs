using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Told to stop in the middle of full load.</summary>
internal sealed class StopFault() : Fault("stop", "stop signal (SIGTERM) under full load", "accepted work is committed, exit within 10 s, nothing answered 200 is missing")
{
    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var rounds = isShort ? 2 : 10;
        await using var ground = Ground.Prepare(isShort ? 5_000 : 30_000);
        var (amiss, exits, random) = (new List<string>(), new List<double>(), new Random(6));
        for (var round = 0; round < rounds; round++)
        {
            await ground.StartAsync();
            using var stop = new CancellationTokenSource();
            var load = ground.FloodAsync(64, stop.Token);
            await Task.Delay(random.Next(500, 2_000), CancellationToken.None);
            var clock = Stopwatch.StartNew();
            await ground.Dashboard.SignalAsync("TERM");
            using var longest = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                if (await ground.Dashboard.WaitForExitAsync(longest.Token) is not 0 and var code)
                {
                    amiss.Add($"exit code {code}");
                }
            }
            catch (OperationCanceledException)
            {
            }

            exits.Add(clock.Elapsed.TotalSeconds);
            await stop.CancelAsync();
            await ground.Dashboard.KillAsync();
            await load;
            await ground.EndAsync();
            amiss.AddRange(await Stored.FaultsAsync(ground.DatabasePath, ground.Answered.Snapshot()));
        }

        if (exits.Max() > 10)
        {
            amiss.Add(Text.Of($"an exit took {exits.Max():N1} s"));
        }

        return Verdict.Of(amiss, Text.Of($"{rounds} stops, {ground.Answered.Count:N0} events answered 200; exits took {new Series(exits).Median:N2} s, at most {exits.Max():N2} s"));
    }
}
