using System.CommandLine;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Webhooks;

/// <summary><c>webhooks</c>: durable webhooks a second and their times to answer, beside the Node peer and beside a door with nothing behind it.</summary>
internal static class WebhooksCommand
{
    private const string Name = "webhooks";
    private const int Connections = 64;

    // Until the runtime has compiled all that is hot, twice over: after 40,000 it still took a sixth of the processor. The peer is warm after a few hundred. What is measured follows
    // without a pause, in the same database, so that what the writer puts off while it is busy, and may put off no longer, is part of it.
    private const int WarmUp = 60_000;
    private const int Measured = 40_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each is measured, in turn", DefaultValueFactory = _ => 7 };
        var isShort = new Option<bool>("--short") { Description = "One quick round that keeps nothing" };
        var ownOnly = new Option<bool>("--own-only") { Description = "Leaves the Node peer out; keeps nothing" };
        var command = new Command(Name, "Durable webhooks a second, beside a receiver written with Wix's SDK, and beside verifying alone.") { rounds, isShort, ownOnly };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort) ? 1 : parsed.GetValue(rounds), parsed.GetValue(isShort), parsed.GetValue(ownOnly)));
        return command;
    }

    private static async Task RunAsync(int rounds, bool isShort, bool ownOnly)
    {
        using var events = new SignedEvents();
        Console.WriteLine("Signing events…");
        var bodies = events.Sign(WarmUp + Measured).Select(e => e.Body).ToList();
        Console.WriteLine(Text.Of($"{bodies.Count:N0} events of {bodies.Average(b => b.Length):N0} bytes"));

        var node = new Contender("Node peer", path => NodePeer.StartAsync(path, events.PublicKeyPem), bodies[..(isShort ? 2_500 : 5_000)], 1_000);
        var verifyOnly = new Contender("verify-only", _ => VerifyOnly.StartAsync(events.PublicKeyPem), bodies, WarmUp);
        var dashboard = new Contender("LoyaltyDashboard", path => PublishedDashboard.StartAsync(path, events.PublicKeyPem), bodies, WarmUp);
        Contender[] all = ownOnly ? [verifyOnly, dashboard] : [node, verifyOnly, dashboard];

        // The peer at the number of connections that suits it best: that is what its time to answer is compared at.
        var best = ownOnly ? Connections : await node.FindBestConnectionsAsync([4, 16, Connections]);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var contender in all)
            {
                await contender.MeasureAsync(Connections);
                await contender.MeasureOneByOneAsync(isShort ? 300 : 1_500);
            }

            if (!ownOnly)
            {
                await node.MeasureBestAsync(best);
            }

            await dashboard.MeasureManyAsync(1_000);
        }

        if (ownOnly)
        {
            return;
        }

        var (overNode, overVerify, oneByOne) = (dashboard.PerSecond.Over(node.PerSecond), dashboard.PerSecond.Over(verifyOnly.PerSecond), dashboard.OneByOne.Over(node.OneByOne));
        await Results.KeepAsync(Name,
        [
            new("durable webhooks a second, 64 connections, distinct events of 3 KB", "≥ 12 × the Node peer", overNode.Median >= 12,
                Text.Of($"{overNode.Median:N1} × ({dashboard.PerSecond.Median:N0} to {node.PerSecond.Median:N0} a second)"), overNode.Spread("N1"), Name),
            new("the same, beside verifying alone", "≥ 0.6 × verify-only", overVerify.Median >= 0.6, Text.Of($"{overVerify.Median:N2} × (of {verifyOnly.PerSecond.Median:N0} a second)"), overVerify.Spread("N2"), Name),
            new("p99 of the answer at that load", "below the Node peer's at its best", dashboard.P99.Median < node.P99.Median,
                Text.Of($"{dashboard.P99.Median:N0} ms to {node.P99.Median:N0} ms ({best} connections)"), dashboard.P99.Spread(), Name),
            new("p99 with 1,000 connections", "below 1,250 ms, no error", dashboard.ManyP99.Highest < 1_250 && dashboard.Errors == 0, Text.Of($"{dashboard.ManyP99.Median:N0} ms, {dashboard.Errors} errors"), dashboard.ManyP99.Spread(), Name),
            new("one connection, one after another", "≥ 1.5 × the Node peer", oneByOne.Median >= 1.5, Text.Of($"{oneByOne.Median:N2} × ({dashboard.OneByOne.Median:N0} to {node.OneByOne.Median:N0} a second)"), oneByOne.Spread("N2"), Name),
        ],
        isShort);
    }

    /// <summary>One of those that are measured, each round on a database of its own.</summary>
    private sealed class Contender(string name, Func<string, Task<ServerProcess>> start, IReadOnlyList<byte[]> bodies, int warmUp)
    {
        private readonly List<double> _perSecond = [], _oneByOne = [], _p99 = [], _manyP99 = [];

        public Series PerSecond => new(_perSecond);

        public Series OneByOne => new(_oneByOne);

        public Series P99 => new(_p99);

        public Series ManyP99 => new(_manyP99);

        public int Errors { get; private set; }

        public async Task MeasureAsync(int connections)
        {
            var (result, cost) = await SendAsync(connections);
            _perSecond.Add(result.SucceededPerSecond);
            _p99.Add(result.Milliseconds.Percentile(99));
            Console.WriteLine(Text.Of($"{name}, {connections} connections: {result.SucceededPerSecond:N0} a second, p50 {result.Milliseconds.Median:N1} ms, p99 {result.Milliseconds.Percentile(99):N1} ms, {cost:N0} µs of processor an event"));
        }

        public async Task MeasureBestAsync(int connections)
        {
            var (result, _) = await SendAsync(connections);
            _p99[^1] = result.Milliseconds.Percentile(99);
        }

        public async Task MeasureManyAsync(int connections)
        {
            var (result, _) = await SendAsync(connections);
            _manyP99.Add(result.Milliseconds.Percentile(99));
            Console.WriteLine(Text.Of($"{name}, {connections} connections: {result.SucceededPerSecond:N0} a second, p99 {result.Milliseconds.Percentile(99):N0} ms"));
        }

        public async Task MeasureOneByOneAsync(int count)
        {
            using var folder = new TempFolder();
            await using var server = await start(folder.File("events.db"));
            await LoadGenerator.RunAsync(new(server.Address, "/webhooks/wix"), [.. bodies.Take(warmUp)], Connections);
            var result = await LoadGenerator.RunAsync(new(server.Address, "/webhooks/wix"), [.. bodies.Skip(warmUp).Take(count)], 1);
            Count(result);
            _oneByOne.Add(result.SucceededPerSecond);
            Console.WriteLine(Text.Of($"{name}, one by one: {result.SucceededPerSecond:N0} a second, p50 {result.Milliseconds.Median:N2} ms"));
        }

        public async Task<int> FindBestConnectionsAsync(IEnumerable<int> candidates)
        {
            var best = (Connections: 0, PerSecond: 0.0);
            foreach (var connections in candidates)
            {
                var (result, _) = await SendAsync(connections);
                Console.WriteLine(Text.Of($"{name}, {connections} connections: {result.SucceededPerSecond:N0} a second"));
                best = result.SucceededPerSecond > best.PerSecond ? (connections, result.SucceededPerSecond) : best;
            }

            return best.Connections;
        }

        private async Task<(LoadResult Result, double MicrosecondsAnEvent)> SendAsync(int connections)
        {
            using var folder = new TempFolder();
            await using var server = await start(folder.File("events.db"));
            var door = new Uri(server.Address, "/webhooks/wix");
            await LoadGenerator.RunAsync(door, [.. bodies.Take(warmUp)], Connections);
            var before = server.ProcessorTime;
            var result = await LoadGenerator.RunAsync(door, [.. bodies.Skip(warmUp)], connections);
            Count(result);
            return (result, (server.ProcessorTime - before).TotalMicroseconds / result.Answers.Count);
        }

        private void Count(LoadResult result) => Errors += result.Answers.Count(answer => answer.Status != 200);
    }
}
