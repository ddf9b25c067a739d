using System.Diagnostics;
using System.Globalization;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>From sending a webhook to the message that tells a hub client of it: every client, every event.</summary>
internal static class TimeToHub
{
    private const int Clients = 500;
    private const int PerSecond = 500;
    private const int WarmUp = 1_000;

    public static async Task<Measurement> MeasureAsync(SignedEvents events, int seconds, string command)
    {
        using var folder = new TempFolder();
        await using var server = await PublishedDashboard.StartAsync(folder.File("events.db"), events.PublicKeyPem);
        var door = new Uri(server.Address, "/webhooks/wix");
        await LoadGenerator.RunAsync(door, [.. events.Sign(WarmUp).Select(e => e.Body)], 64, PerSecond);

        var count = seconds * PerSecond;
        var bodies = events.Sign(count, WarmUp).Select(e => e.Body).ToList();
        var ears = new List<Ear>();
        await using var audience = await Audience.GatherAsync(server.Address, 0, Clients, () =>
        {
            var ear = new Ear(count);
            ears.Add(ear);
            return ear.Hear;
        });
        var before = server.ProcessorTime;
        var result = await LoadGenerator.RunAsync(door, bodies, 64, PerSecond);
        var used = (server.ProcessorTime - before) / result.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(6));

        var times = new List<double>(Clients * count);
        var missed = 0;
        foreach (var ear in ears)
        {
            for (var i = 0; i < count; i++)
            {
                var answered = result.Began + (long)(result.ByRequest[i].At.TotalSeconds * Stopwatch.Frequency);
                var sent = answered - (long)(result.ByRequest[i].Milliseconds / 1000 * Stopwatch.Frequency);
                if (ear.WhenTold(i, answered) is { } told)
                {
                    times.Add((told - sent) * 1000.0 / Stopwatch.Frequency);
                }
                else
                {
                    missed++;
                }
            }
        }

        var sorted = new Series(times);
        var p99 = sorted.Percentile(99);
        Console.WriteLine(Text.Of(
            $"{PerSecond} events a second, {Clients} clients: p50 {sorted.Median:N0} ms, p99 {p99:N0} ms, worst {sorted.Highest:N0} ms, {missed} never told, {ears.Average(e => e.Messages) / seconds:N1} messages a second and client ({ears.Average(e => e.Many):N0} times \"many\"), {used:P0} of a core; answers p99 {result.Milliseconds.Percentile(99):N0} ms"));
        return new($"POST to hub client, {Clients} clients, {PerSecond} events a second", "p99 below 500 ms", p99 < 500 && missed == 0 && result.Answers.All(a => a.Status == 200),
            Text.Of($"p99 {p99:N0} ms, p50 {sorted.Median:N0} ms"), Text.Of($"{sorted.Lowest:N0} to {sorted.Highest:N0} ms, {times.Count:N0} times told"), command);
    }

    /// <summary>What one client was told, and when.</summary>
    private sealed class Ear(int count)
    {
        private readonly long[] _byName = new long[count];
        private readonly List<long> _many = [];

        public int Messages { get; private set; }

        public int Many => _many.Count;

        public void Hear(ReadOnlySpan<byte> message, long timestamp)
        {
            Messages++;
            var ids = message[(message.IndexOf((byte)'[') + 1)..];
            ids = ids[(ids.IndexOf((byte)'[') + 1)..];
            if (ids[0] == ']')
            {
                _many.Add(timestamp);
                return;
            }

            // An invented id holds its number: the first eight digits of its last group.
            for (; ids[0] == '"'; ids = ids[39..])
            {
                var number = int.Parse(ids.Slice(1 + 24, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) - WarmUp;
                if (number >= 0 && number < count && _byName[number] == 0)
                {
                    _byName[number] = timestamp;
                }

                if (ids[38] != ',')
                {
                    break;
                }
            }
        }

        /// <summary>When it knew of an event. "Many" tells of all that was answered before it came, for what was answered was committed and published.</summary>
        public long? WhenTold(int number, long answered)
        {
            var many = _many.FirstOrDefault(at => at >= answered);
            var named = _byName[number];
            return (named, many) switch { (0, 0) => null, (0, _) => many, (_, 0) => named, _ => Math.Min(named, many) };
        }
    }
}
