using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Benchmarks.Webhooks;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// Forged webhooks, whole but for the signature: the costliest of what is refused, as each has to be verified. As with <see cref="RubbishFault"/>, the same flood also goes to a bystander,
/// for the sender takes its part of the cores.
/// </summary>
internal sealed class FloodFault() : Fault("flood", "a flood of forged webhooks, each of which has to be verified", "401 or 429 to all of them; signed events beside them answered 200 in time as without them, and p99 at most twice that with the same flood at a bystander")
{
    private const int Connections = 48;
    private const int Rate = 5_000;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var (rounds, window) = (isShort ? 2 : 8, TimeSpan.FromSeconds(isShort ? 3 : 10));
        await using var ground = Ground.Prepare(20_000);
        await ground.StartAsync();
        await using var bystander = await VerifyOnly.StartAsync(ground.PublicKeyPem);
        var forged = Forge(ground.Events.Take(500));
        await RubbishFault.SignedAsync(ground, window);

        var (calm, elsewhere, here) = (new List<Answer>(), new List<Answer>(), new List<Answer>());
        var byStatus = new ConcurrentDictionary<int, int>();
        var clock = Stopwatch.StartNew();
        var flooding = TimeSpan.Zero;
        for (var round = 0; round < rounds; round++)
        {
            calm.AddRange(await RubbishFault.SignedAsync(ground, window));
            var flood = FloodAsync(new Uri(bystander.Address, "/webhooks/wix"), forged, window, _ => { });
            elsewhere.AddRange(await RubbishFault.SignedAsync(ground, window));
            await flood;

            var began = clock.Elapsed;
            flood = FloodAsync(ground.Door, forged, window, status => byStatus.AddOrUpdate(status, 1, (_, known) => known + 1));
            here.AddRange(await RubbishFault.SignedAsync(ground, window));
            await flood;
            flooding += clock.Elapsed - began;
        }

        var (rateCalm, rateElsewhere, rateHere) = (RubbishFault.InTime(calm), RubbishFault.InTime(elsewhere), RubbishFault.InTime(here));
        var (highCalm, highElsewhere, highHere) = (RubbishFault.High(calm), RubbishFault.High(elsewhere), RubbishFault.High(here));
        return Verdict.Of(
            [
                .. byStatus.Where(s => s.Key is not (401 or 429)).Select(s => Text.Of($"{s.Value} forged ones {(s.Key == 0 ? "hung up on" : $"answered {s.Key}")}")),
                .. rateHere < 0.99 * rateCalm ? (string[])[Text.Of($"only {rateHere / rateCalm:P1} of the signed events came through in time")] : [],
                .. highHere > 2 * highElsewhere ? (string[])[Text.Of($"p99 was {highHere / highElsewhere:N1} times that with the flood elsewhere")] : [],
            ],
            Text.Of($"{byStatus.Values.Sum() / flooding.TotalSeconds:N0} forged webhooks a second ({string.Join(", ", byStatus.OrderBy(s => s.Key).Select(s => Text.Of($"{s.Key}: {s.Value:N0}")))}); signed events at {RubbishFault.SignedRate} a second, answered 200 in time: {rateCalm:P1} alone, {rateElsewhere:P1} with the flood at a bystander, {rateHere:P1} with it here; p50 {RubbishFault.Median(calm):N1}, {RubbishFault.Median(elsewhere):N1} and {RubbishFault.Median(here):N1} ms, p99 {highCalm:N1}, {highElsewhere:N1} and {highHere:N1} ms: {highHere / highElsewhere:N2} of the bystander's"));
    }

    private static List<byte[]> Forge(IEnumerable<SignedEvent> events)
    {
        var random = new Random(1);
        var signature = new byte[256];
        return [.. events.Select(e =>
        {
            random.NextBytes(signature);
            // Below every modulus of 2,048 bits, so that the arithmetic is done.
            signature[0] &= 0x7f;
            return (byte[])[.. e.Body[..(Array.LastIndexOf(e.Body, (byte)'.') + 1)], .. Encoding.ASCII.GetBytes(Base64Url.EncodeToString(signature))];
        })];
    }

    private static async Task FloodAsync(Uri door, List<byte[]> forged, TimeSpan length, Action<int> each)
    {
        var requests = forged.ConvertAll(body => Wire.Request(door, body));
        var (clock, sent) = (Stopwatch.StartNew(), 0);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            using var wire = new Wire(door);
            while (clock.Elapsed < length)
            {
                var number = Interlocked.Increment(ref sent);
                if (TimeSpan.FromSeconds(number / (double)Rate) - clock.Elapsed is { TotalMilliseconds: > 1 } early)
                {
                    await Task.Delay(early);
                }

                each((await wire.SendAsync(requests[number % requests.Count])).Status);
            }
        })));
    }
}
