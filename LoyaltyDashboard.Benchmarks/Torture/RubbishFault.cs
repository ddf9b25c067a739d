using System.Collections.Concurrent;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Benchmarks.Webhooks;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// Rubbish at a steady rate, and signed events at a steady rate beside it. Sender and receiver share the cores, so the signed events are also watched while the same rubbish
/// goes to a bystander, a door with nothing behind it: what differs between the two is what the rubbish does to the dashboard itself.
/// </summary>
internal sealed class RubbishFault() : Fault("rubbish", "1,000,000 mutated or random bodies", "200 to what came out as a signed body again and 4xx to all else, no crash, memory flat, signed events beside them not slowed by more than a fifth")
{
    private const int Connections = 48;
    private const int Rate = 7_000;
    internal const int SignedRate = 200;
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(6);

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var bodies = isShort ? 20_000 : 1_000_000;
        var window = TimeSpan.FromSeconds(isShort ? 1 : 5);
        await using var ground = Ground.Prepare(40_000);
        await ground.StartAsync([("Wix__SdkSecrets__0__Secret", "whsec_" + Convert.ToBase64String(new byte[32]))]);
        await using var bystander = await VerifyOnly.StartAsync(ground.PublicKeyPem);
        var bystanderDoor = new Uri(bystander.Address, "/webhooks/wix");
        await SignedAsync(ground, TimeSpan.FromSeconds(3));

        var (calm, elsewhere, here) = (new List<Answer>(), new List<Answer>(), new List<Answer>());
        var byStatus = new ConcurrentDictionary<int, int>();
        var wrong = new ConcurrentDictionary<string, int>();
        var signed = 0;
        var memory = Memory.Watch(ground.Dashboard);
        var clock = Stopwatch.StartNew();
        var sent = 0;
        for (var round = 0; sent < bodies && clock.Elapsed < _longest; round++)
        {
            calm.AddRange(await SignedAsync(ground, window));
            var thrown = ThrowAsync(bystanderDoor, ground, window, round, (_, _) => { });
            elsewhere.AddRange(await SignedAsync(ground, window));
            await thrown;

            thrown = ThrowAsync(ground.Door, ground, window * 3, round, (request, status) =>
            {
                byStatus.AddOrUpdate(status, 1, (_, known) => known + 1);
                if (request.IsSigned)
                {
                    Interlocked.Increment(ref signed);
                }

                if (!request.MayBeAnswered(status))
                {
                    wrong.AddOrUpdate($"{(request.IsSigned ? "signed" : request.IsHttp ? "rubbish" : "broken")} requests {(status == 0 ? "hung up on" : $"answered {status}")}", 1, (_, known) => known + 1);
                }
            });
            here.AddRange(await SignedAsync(ground, window * 3));
            sent += await thrown;
        }

        var (first, second, grows) = await memory.EndAsync();
        var (rateCalm, rateElsewhere, rateHere) = (InTime(calm), InTime(elsewhere), InTime(here));
        return Verdict.Of(
            [
                .. wrong.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => $"{w.Value} {w.Key}"),
                .. ground.Dashboard.HasExited ? (string[])["it has ended"] : [],
                .. grows ? (string[])[Text.Of($"memory grew from {first:N0} to {second:N0} MB")] : [],
                .. sent < bodies ? (string[])[Text.Of($"only {sent:N0} were sent in time")] : [],
                .. rateHere < 0.8 * rateCalm ? (string[])[Text.Of($"only {rateHere / rateCalm:P0} of the signed events came through in time")] : [],
            ],
            Text.Of($"{sent:N0} bodies at {Rate:N0} a second at most: {string.Join(", ", byStatus.OrderBy(s => s.Key).Select(s => Text.Of($"{(s.Key == 0 ? "hung up on" : s.Key)}: {s.Value:N0}")))} ({signed:N0} of them came out as a signed body again); signed events at {SignedRate} a second, answered 200 in time: {rateCalm:P1} alone, {rateElsewhere:P1} with the rubbish at a bystander, {rateHere:P1} with it here; p50 {Median(calm):N1}, {Median(elsewhere):N1} and {Median(here):N1} ms, p99 {High(calm):N0}, {High(elsewhere):N0} and {High(here):N0} ms; memory {first:N0} and {second:N0} MB"));
    }

    internal static double InTime(List<Answer> answers) => answers.Count(a => a is { Status: 200, Milliseconds: < Ground.LongestMilliseconds }) / (double)answers.Count;

    internal static double Median(List<Answer> answers) => new Series([.. answers.Select(a => a.Milliseconds)]).Median;

    internal static double High(List<Answer> answers) => new Series([.. answers.Select(a => a.Milliseconds)]).Percentile(99);

    internal static async Task<IReadOnlyList<Answer>> SignedAsync(Ground ground, TimeSpan length) =>
        (await LoadGenerator.RunAsync(ground.Door, [.. Enumerable.Range(0, (int)(SignedRate * length.TotalSeconds)).Select(_ => ground.Next().Body)], 32, SignedRate)).Answers;

    private static async Task<int> ThrowAsync(Uri door, Ground ground, TimeSpan length, int round, Action<RubbishRequest, int> each)
    {
        var signed = ground.Events.Take(200).Select(e => e.Body).ToList();
        var (clock, sent) = (Stopwatch.StartNew(), 0);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(async () =>
        {
            var rubbish = new Rubbish(door, signed, (round * 1_000) + connection);
            using var wire = new Wire(door);
            while (clock.Elapsed < length)
            {
                if (TimeSpan.FromSeconds(Interlocked.Increment(ref sent) / (double)Rate) - clock.Elapsed is { TotalMilliseconds: > 1 } early)
                {
                    await Task.Delay(early);
                }

                var request = rubbish.Next();
                each(request, (await wire.SendAsync(request.Bytes)).Status);
            }
        })));
        return sent;
    }
}
