using System.Collections.Concurrent;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// First what it can take; then for a minute many times the senders that this needs, none of which rests between an answer and its next event. More than that the same
/// cores cannot both send and answer: how much was really sent is among the figures.
/// </summary>
internal sealed class OverloadFault() : Fault(
    "overload", "twenty times more load than it can take, for a minute", "answers to signed events stay below 1,250 ms: 200 or 503, nothing else, and 200 at half the rate that it can take at least; memory flat; recovers in a second")
{
    private const int Enough = 64;
    private const int Times = 20;

    // A door that turns everybody away is quick as well; what it could take without the overload must mostly be taken under it.
    private const double LeastShare = 0.5;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        await using var ground = Ground.Prepare(isShort ? 10_000 : 40_000);
        await ground.StartAsync();
        var (_, _) = await LoadAsync(ground, Enough, TimeSpan.FromSeconds(3));
        var (calm, _) = await LoadAsync(ground, Enough, TimeSpan.FromSeconds(isShort ? 2 : 10));
        var capacity = calm.Count(a => a.Status == 200) / (isShort ? 2.0 : 10);

        var memory = Memory.Watch(ground.Dashboard);
        var length = TimeSpan.FromSeconds(isShort ? 5 : 60);
        var (answers, took) = await LoadAsync(ground, Enough * Times, length);
        var (first, second, grows) = await memory.EndAsync();
        var recovered = await RecoverAsync(ground);

        var byStatus = answers.CountBy(a => a.Status).ToDictionary();
        var milliseconds = new Series([.. answers.Select(a => a.Milliseconds)]);
        var late = answers.Count(a => a.Milliseconds >= Ground.LongestMilliseconds);
        var share = byStatus.GetValueOrDefault(200) / took.TotalSeconds / capacity;
        var others = byStatus.Where(s => s.Key is not (200 or 503)).ToList();
        return Verdict.Of(
            [
                .. late > 0 ? (string[])[Text.Of($"{late:N0} answers took 1,250 ms or more")] : [],
                .. share >= LeastShare ? (string[])[] : [Text.Of($"only {share:N2} of what it can take was answered 200")],
                .. others.Select(s => Text.Of($"{s.Value:N0} answers of {s.Key}")),
                .. grows ? (string[])[Text.Of($"memory grew from {first:N0} to {second:N0} MB")] : [],
                .. recovered > TimeSpan.FromSeconds(1) ? (string[])[Text.Of($"it took {recovered.TotalSeconds:N1} s to recover")] : [],
            ],
            Text.Of($"takes {capacity:N0} a second from {Enough} senders; {Enough * Times:N0} senders without a rest: {answers.Count / took.TotalSeconds:N0} answers a second, {byStatus.GetValueOrDefault(200):N0} × 200 ({share:N2} of what it takes), {byStatus.GetValueOrDefault(503):N0} × 503, p50 {milliseconds.Median:N0} ms, p99 {milliseconds.Percentile(99):N0} ms, worst {milliseconds.Highest:N0} ms; memory {first:N0} MB in the first half, {second:N0} MB in the second; back to quick answers {recovered.TotalMilliseconds:N0} ms after the last"));
    }

    private static async Task<(IReadOnlyCollection<(int Status, double Milliseconds)> Answers, TimeSpan Took)> LoadAsync(Ground ground, int connections, TimeSpan length)
    {
        var answers = new ConcurrentBag<(int, double)>();
        using var stop = new CancellationTokenSource(length);
        var clock = Stopwatch.StartNew();
        await ground.FloodAsync(connections, stop.Token, (_, status, milliseconds) => answers.Add((status, milliseconds)));
        return (answers, clock.Elapsed);
    }

    // Quick is what a single sender gets on any day.
    private static async Task<TimeSpan> RecoverAsync(Ground ground)
    {
        var clock = Stopwatch.StartNew();
        using var wire = new Wire(ground.Door);
        while (clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            if (await wire.PostAsync(ground.Next().Body) is (200, < 100))
            {
                break;
            }
        }

        return clock.Elapsed;
    }
}
