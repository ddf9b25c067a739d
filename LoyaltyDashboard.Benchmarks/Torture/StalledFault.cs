using System.Collections.Concurrent;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Sandbox;
using Microsoft.AspNetCore.SignalR.Client;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A hub client that says that it lives and reads nothing, and a browser that is stopped with a page open, while others listen and events come.</summary>
internal sealed class StalledFault() : Fault("stalled", "a page and a hub client that stop reading", "nobody else notices; they are dropped")
{
    private const int Rate = 100;

    // Long ids fill what the system holds for a client that does not read within seconds.
    private const int IdLength = 3_000;

    private const int Listeners = 10;

    // The server itself says when it gives a page up. A browser's other connections tell nothing of that: they are kept for its next request, for two minutes.
    private const string CircuitLog = "Logging__LogLevel__Microsoft.AspNetCore.Components.Server.Circuits.CircuitRegistry";
    private const string GivenUp = "is disconnected";

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        await using var ground = Ground.Prepare(isShort ? 6_000 : 25_000, Announce);
        await ground.StartAsync([(CircuitLog, "Debug"), .. WayIn.BrowserSettings]);
        var longest = TimeSpan.FromSeconds(isShort ? 45 : 180);
        var heard = new ConcurrentDictionary<int, int>();
        var listeners = new List<HubConnection>();
        for (var i = 0; i < Listeners; i++)
        {
            var (number, listener) = (i, new HubConnectionBuilder().WithUrl(new Uri(ground.Dashboard.Address, "/hubs/imports"), options => options.Headers.Add("Authorization", WayIn.Bearer)).Build());
            listener.On<string[]>("ImportsChanged", _ => heard.AddOrUpdate(number, 1, (_, known) => known + 1));
            await listener.StartAsync();
            listeners.Add(listener);
        }

        var calm = await LoadAsync(ground, TimeSpan.FromSeconds(isShort ? 3 : 10));
        var heardCalm = heard.Values.Average() / (isShort ? 3 : 10);

        var before = Sockets.ClientsOf(ground.Dashboard.Address.Port);
        await using var browser = FrozenBrowser.TryOpen(await WayIn.SignInLinkAsync(ground.Dashboard), ground.File("chromium"));
        await Task.Delay(TimeSpan.FromSeconds(8));
        var ofBrowser = Sockets.ClientsOf(ground.Dashboard.Address.Port).Except(before).ToHashSet();
        using var silent = new SilentHubClient();
        await silent.ConnectAsync(ground.Dashboard.Address);
        if (browser is not null)
        {
            await browser.FreezeAsync();
        }

        heard.Clear();
        var memory = Memory.Watch(ground.Dashboard);
        var clock = Stopwatch.StartNew();
        var load = LoadUntilAsync(ground, () => clock.Elapsed < longest);
        var (hubDropped, pageDropped) = ((TimeSpan?)null, browser is null || ofBrowser.Count == 0 ? TimeSpan.Zero : (TimeSpan?)null);
        var stop = clock.Elapsed;
        while (clock.Elapsed < longest && (hubDropped is null || pageDropped is null))
        {
            await Task.Delay(500);
            var clients = Sockets.ClientsOf(ground.Dashboard.Address.Port);
            hubDropped ??= clients.Contains(silent.Port) ? null : clock.Elapsed;
            pageDropped ??= ground.Dashboard.Output.Contains(GivenUp, StringComparison.Ordinal) ? clock.Elapsed : null;
            if (clock.Elapsed - stop > TimeSpan.FromSeconds(5))
            {
                stop = clock.Elapsed;
                await silent.PingAsync();
            }
        }

        longest = TimeSpan.Zero;
        var stalled = await load;
        var length = clock.Elapsed;
        var heardStalled = heard.Values.DefaultIfEmpty().Average() / length.TotalSeconds;
        var (first, second, grows) = await memory.EndAsync();
        foreach (var listener in listeners)
        {
            await listener.DisposeAsync();
        }

        var refused = stalled.Count(a => a.Status != 200);
        var (calmHigh, stalledHigh) = (High(calm), High(stalled));
        var verdict = Verdict.Of(
            [
                .. browser is not null && ofBrowser.Count == 0 ? (string[])["the browser opened no page"] : [],
                .. hubDropped is null ? (string[])["the hub client was not dropped"] : [],
                .. pageDropped is null ? (string[])["the page was not dropped"] : [],
                .. refused > 0 ? (string[])[$"{refused} events were not answered 200"] : [],
                .. heardStalled < 0.8 * heardCalm ? (string[])[Text.Of($"the others heard {heardStalled:N1} times a second, before {heardCalm:N1}")] : [],
                .. grows ? (string[])[Text.Of($"memory grew from {first:N0} to {second:N0} MB")] : [],
            ],
            Text.Of($"{Rate:N0} events a second with ids of {IdLength:N0} characters; the hub client was dropped after {hubDropped?.TotalSeconds:N0} s, {(browser is null ? "there is no Chromium here" : Text.Of($"the page after {pageDropped?.TotalSeconds:N0} s"))}; {Listeners} others heard {heardCalm:N1} times a second before and {heardStalled:N1} meanwhile; answers p99 {calmHigh:N0} ms before, {stalledHigh:N0} ms meanwhile; memory {first:N0} and {second:N0} MB"));

        // Without a browser half of the fault was not made.
        return browser is null && verdict.Held == true ? verdict with { Held = null } : verdict;
    }

    private static SandboxEvent Announce(int number, DateTimeOffset created)
    {
        var import = InventedEvents.Import(number, created);
        return SandboxEvent.Created(import with { Id = import.Id!.PadRight(IdLength, 'x') }, Guid.NewGuid().ToString(), InventedEvents.Site(0), created);
    }

    private static double High(IReadOnlyCollection<Answer> answers) => new Series([.. answers.Select(a => a.Milliseconds)]).Percentile(99);

    private static async Task<IReadOnlyCollection<Answer>> LoadAsync(Ground ground, TimeSpan length) =>
        (await LoadGenerator.RunAsync(ground.Door, [.. Enumerable.Range(0, (int)(Rate * length.TotalSeconds)).Select(_ => ground.Next().Body)], 64, Rate)).Answers;

    private static async Task<IReadOnlyCollection<Answer>> LoadUntilAsync(Ground ground, Func<bool> goesOn)
    {
        var answers = new List<Answer>();
        while (goesOn())
        {
            answers.AddRange(await LoadAsync(ground, TimeSpan.FromSeconds(1)));
        }

        return answers;
    }
}
