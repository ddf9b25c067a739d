using System.Collections.Concurrent;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A real file system runs full under load, stays full for a while, and gets room again.</summary>
internal sealed class DiskFullFault() : Fault("disk-full", "disk full, on a small file system of the run's own", "503 at once, no corruption, goes on by itself when there is room")
{
    private const int Megabytes = 64;
    private const int Ballast = 24;

    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        await using var ground = Ground.Prepare(20_000);
        await using var disk = await SmallFileSystem.TryMountAsync(Path.GetDirectoryName(ground.DatabasePath)!, Megabytes);
        if (disk is null)
        {
            return Verdict.NotRun("no file system may be mounted here; dotnet test tries a full database in its place");
        }

        ground.DatabasePath = Path.Combine(disk.Path, "data.db");
        var ballast = Path.Combine(disk.Path, "ballast");
        await File.WriteAllBytesAsync(ballast, new byte[Ballast * 1024 * 1024]);
        await ground.StartAsync();
        try
        {
            return await RunAsync(ground, disk, ballast, isShort);
        }
        finally
        {
            // Before the file system goes.
            await ground.EndAsync();
        }
    }

    private static async Task<Verdict> RunAsync(Ground ground, SmallFileSystem disk, string ballast, bool isShort)
    {
        var amiss = new List<string>();
        var answers = new ConcurrentBag<(int Status, double Milliseconds)>();
        var refused = new ConcurrentBag<SignedEvent>();
        var full = new TaskCompletionSource();

        // Any 200 counts, also one for an event that was answered before: the senders begin anew when they have sent all.
        var (roomAt, goesOn) = (0L, new TaskCompletionSource<TimeSpan>());
        using var stop = new CancellationTokenSource();
        var load = ground.FloodAsync(16, stop.Token, (sent, status, milliseconds) =>
        {
            answers.Add((status, milliseconds));
            if (status == 200 && Volatile.Read(ref roomAt) is not 0 and var since)
            {
                goesOn.TrySetResult(Stopwatch.GetElapsedTime(since));
            }

            if (status != 200)
            {
                refused.Add(sent);
                if (refused.Count > 200)
                {
                    full.TrySetResult();
                }
            }
        });
        if (await Task.WhenAny(full.Task, Task.Delay(TimeSpan.FromMinutes(1))) != full.Task)
        {
            amiss.Add("the disk did not run full");
        }

        // Full for a while: every answer is a quick refusal.
        await Task.Delay(TimeSpan.FromSeconds(isShort ? 1 : 10));
        if (await ground.StatusAsync("/health/ready") != 503)
        {
            amiss.Add("it calls itself ready while the disk is full");
        }

        File.Delete(ballast);
        Volatile.Write(ref roomAt, Stopwatch.GetTimestamp());
        var recovered = await Task.WhenAny(goesOn.Task, Task.Delay(_longestWait)) == goesOn.Task ? await goesOn.Task : _longestWait;
        await stop.CancelAsync();
        await load;
        if (await ground.RetryAsync(refused.Take(2_000)) is > 0 and var left)
        {
            amiss.Add($"{left} events are still refused though there is room");
        }

        var byStatus = answers.CountBy(a => a.Status).ToDictionary();
        var worst = answers.Max(a => a.Milliseconds);
        if (byStatus.Keys.Any(status => status is not (200 or 503)))
        {
            amiss.Add($"answers other than 200 and 503: {string.Join(", ", byStatus.Keys.Except([200, 503]))}");
        }

        if (worst >= Ground.LongestMilliseconds)
        {
            amiss.Add(Text.Of($"an answer took {worst:N0} ms"));
        }

        if (recovered > TimeSpan.FromSeconds(10))
        {
            amiss.Add("it did not go on by itself");
        }

        await ground.Dashboard.SignalAsync("TERM");
        await ground.Dashboard.WaitForExitAsync();
        amiss.AddRange(await Stored.FaultsAsync(ground.DatabasePath, ground.Answered.Snapshot()));
        var refusals = new Series([0, .. answers.Where(a => a.Status == 503).Select(a => a.Milliseconds)]);
        return Verdict.Of(amiss, Text.Of(
            $"{disk.Kind}: {byStatus.GetValueOrDefault(200):N0} × 200, {byStatus.GetValueOrDefault(503):N0} × 503 in {refusals.Median:N1} ms (worst answer {worst:N0} ms); the first 200 came {recovered.TotalMilliseconds:N0} ms after there was room; all {ground.Answered.Count:N0} answered are there"));
    }
}
