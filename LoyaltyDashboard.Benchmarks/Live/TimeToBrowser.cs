using System.Net.Http.Headers;
using System.Text.Json;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>From sending a webhook to its row in a real browser, with so many pages open and so many other events a second. Each page searches for the name of its own probes.</summary>
internal static class TimeToBrowser
{
    private const int Pages = 20;
    private const int PagesAWindow = 5;
    private const int PerSecond = 500;
    private const int WarmUp = 2_000;
    private const int FirstProbe = 100_000_000;

    private static readonly string[] _quiet =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    // The moment at which a row is first in the document, by the clock that the probes are sent by.
    private const string Watch = """
        window.seen = {};
        const look = () => { for (const row of document.querySelectorAll('tr.row[data-id]')) window.seen[row.dataset.id] ??= performance.timeOrigin + performance.now(); };
        new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-id'] });
        """;

    public static async Task<Measurement> MeasureAsync(SignedEvents events, int seconds, string command)
    {
        using var folder = new TempFolder();
        await using var server = await PublishedDashboard.StartAsync(folder.File("events.db"), events.PublicKeyPem, WayIn.BrowserSettings);
        var door = new Uri(server.Address, "/webhooks/wix");
        var bodies = events.Sign(WarmUp + ((seconds + 4) * PerSecond)).Select(e => e.Body).ToList();
        await LoadGenerator.RunAsync(door, bodies[..WarmUp], 64);

        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Environment.GetEnvironmentVariable("CHROME_PATH") ?? "/usr/bin/chromium", Args = _quiet });
        var pages = new List<IPage>();
        IBrowserContext? window = null;
        for (var i = 0; i < Pages; i++)
        {
            window = i % PagesAWindow == 0 ? await browser.NewContextAsync(new() { BaseURL = server.Address.ToString() }) : window!;
            var page = await window.NewPageAsync();
            if (i % PagesAWindow == 0)
            {
                await page.GotoAsync((await WayIn.SignInLinkAsync(server)).ToString());
            }

            await page.AddInitScriptAsync(Watch);
            await page.GotoAsync($"/?q={NameOf(i)}");
            await page.Locator("[data-interactive=true]").WaitForAsync();
            pages.Add(page);
        }

        using var stop = new CancellationTokenSource();
        var load = LoadGenerator.RunAsync(door, bodies[WarmUp..], 64, PerSecond, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None);

        using var http = new HttpClient();
        var probes = new List<Probe>();
        using (var timer = new PeriodicTimer(TimeSpan.FromSeconds(1)))
        {
            for (var i = 0; i < seconds; i++)
            {
                var probe = events.Sign(Announce(FirstProbe + i, i % Pages));
                using var content = new ByteArrayContent(probe.Body);
                content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
                var sent = Now();
                using var answer = await http.PostAsync(door, content, CancellationToken.None);
                probes.Add(new(probe.ImportId, i % Pages, sent, answer.EnsureSuccessStatusCode().IsSuccessStatusCode ? Now() - sent : 0));
                await timer.WaitForNextTickAsync(CancellationToken.None);
            }
        }

        await stop.CancelAsync();
        var result = await load;
        await Task.Delay(TimeSpan.FromSeconds(6), CancellationToken.None);
        var seen = new List<Dictionary<string, double>>();
        foreach (var page in pages)
        {
            seen.Add(JsonSerializer.Deserialize<Dictionary<string, double>>(await page.EvaluateAsync<string>("JSON.stringify(window.seen)"))!);
        }

        var missing = probes.Count(probe => !seen[probe.Page].ContainsKey(probe.ImportId));
        var times = new Series([.. probes.Select(probe => seen[probe.Page].TryGetValue(probe.ImportId, out var at) ? at - probe.Sent : double.PositiveInfinity)]);
        var p95 = times.Percentile(95);
        Console.WriteLine(Text.Of(
            $"{result.SucceededPerSecond:N0} events a second, {Pages} pages: visible after p50 {times.Median:N0} ms, p95 {p95:N0} ms, worst {times.Highest:N0} ms, {missing} never; probes answered within {probes.Max(p => p.Answered):N0} ms, the rest p99 {result.Milliseconds.Percentile(99):N0} ms"));
        return new($"POST to visible in the browser, {Pages} real pages, {PerSecond} events a second", "p95 below 1 s", p95 < 1_000,
            Text.Of($"p95 {p95:N0} ms, p50 {times.Median:N0} ms"), Text.Of($"{times.Lowest:N0} to {times.Highest:N0} ms, {probes.Count} probes"), command);
    }

    private static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private static string NameOf(int page) => $"probe{page:00}x";

    private static SandboxEvent Announce(int number, int page)
    {
        var now = DateTimeOffset.UtcNow;
        var import = InventedEvents.Import(number, now);
        return SandboxEvent.Created(
            import with { FileMetadata = import.FileMetadata! with { Name = NameOf(page) + ".csv" } }, Guid.NewGuid().ToString(), InventedEvents.Site(InventedEvents.SiteOf(number)), now);
    }

    private sealed record Probe(string ImportId, int Page, double Sent, double Answered);
}
