using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>Webhooks a second, with and without those who listen, in turn on one server.</summary>
internal static class ListeningCost
{
    private const int Connections = 64;
    private const int Pages = 50;
    private const int Clients = 500;

    public static async Task<Measurement> MeasureAsync(SignedEvents events, int rounds, int perRun, string command)
    {
        using var folder = new TempFolder();
        await using var server = await PublishedDashboard.StartAsync(folder.File("events.db"), events.PublicKeyPem);
        var door = new Uri(server.Address, "/webhooks/wix");
        var next = 0;
        IReadOnlyList<byte[]> Take(int count) => [.. events.Sign(count, (next += count) - count).Select(e => e.Body)];
        await LoadGenerator.RunAsync(door, Take(6_000), Connections);

        var (without, with, gaps) = (new List<double>(), new List<double>(), new List<double>());
        async Task AloneAsync()
        {
            var bodies = Take(perRun);
            var before = server.ProcessorTime;
            var result = await LoadGenerator.RunAsync(door, bodies, Connections);
            without.Add(result.SucceededPerSecond);
            Console.WriteLine(Text.Of($"nobody listens: {result.SucceededPerSecond:N0} a second, {(server.ProcessorTime - before) / result.Elapsed:P0} of a core"));
        }

        async Task ListenedToAsync()
        {
            var bodies = Take(perRun);
            await using var audience = await Audience.GatherAsync(server.Address, Pages, Clients);
            audience.Pages.ForEach(page => page.Reset());
            var heard = audience.Clients.Sum(client => client.Messages);
            var before = server.ProcessorTime;
            var result = await LoadGenerator.RunAsync(door, bodies, Connections);
            with.Add(result.SucceededPerSecond);
            var used = (server.ProcessorTime - before) / result.Elapsed;
            var (changes, bytes) = (audience.Pages.Sum(page => page.Changes), audience.Pages.Sum(page => page.Bytes));
            var messages = audience.Clients.Sum(client => client.Messages) - heard;

            // Whatever was put off has to come all the same.
            await Task.Delay(TimeSpan.FromSeconds(6));
            gaps.AddRange(audience.Pages.Select(page => page.LongestGap.TotalSeconds));
            Console.WriteLine(Text.Of(
                $"{Pages} pages, {Clients} clients: {result.SucceededPerSecond:N0} a second, {used:P0} of a core; {changes / result.Elapsed.TotalSeconds:N0} page changes of {(changes == 0 ? 0 : bytes / changes / 1024):N0} KiB and {messages / result.Elapsed.TotalSeconds:N0} hub messages a second, longest gap of a page {gaps.Max():N1} s"));
            if (audience.Pages.Any(page => page.Changes == 0) || audience.Clients.Any(client => client.Messages == 0))
            {
                throw new InvalidOperationException("Somebody who listened heard nothing; the measurement is void.");
            }
        }

        // What runs for the first time is compiled beside the load, which takes a fifth of a core for some seconds: a matter of the start, not of listening.
        await ListenedToAsync();
        await AloneAsync();
        (without, with, gaps) = ([], [], []);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var run in round % 2 == 0 ? (Func<Task>[])[AloneAsync, ListenedToAsync] : [ListenedToAsync, AloneAsync])
            {
                await run();
            }
        }

        var ratio = new Series(with).Over(new Series(without));
        return new($"webhooks with {Pages} open pages and {Clients} hub clients listening", "≥ 0.8 × of without", ratio.Median >= 0.8,
            Text.Of($"{ratio.Median:N2} × ({new Series(with).Median:N0} to {new Series(without).Median:N0} a second; no page waited longer than {gaps.Max():N1} s)"), ratio.Spread("N2"), command);
    }
}
