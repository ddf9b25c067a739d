using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Start;

/// <summary><c>start</c>: from the start of the process to the first webhook answered, beside the template app and its first page.</summary>
internal static class StartCommand
{
    private const string Name = "start";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var isShort = new Option<bool>("--short") { Description = "Three starts on a small database; keeps nothing" };
        var command = new Command(Name, "From the start of the process to the first webhook answered, beside the template app's first page.") { isShort };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort)));
        return command;
    }

    private static async Task RunAsync(bool isShort)
    {
        var (starts, imports) = isShort ? (3, 10_000) : (9, 1_000_000);
        using var events = new SignedEvents();
        using var folder = new TempFolder();
        var database = folder.File("imports.db");
        await SeededDatabase.CopyAsync(imports, database);
        await PublishedDashboard.PublishAsync();
        await TemplateApp.PublishAsync();

        var (ours, ready, theirs) = (new List<double>(), new List<double>(), new List<double>());
        using var http = new HttpClient().WithKey();
        for (var i = -1; i < starts; i++)
        {
            var body = events.Sign(1, imports + i + 1)[0].Body;
            var (total, started) = await TimeAsync(() => PublishedDashboard.StartAsync(database, events.PublicKeyPem), async address =>
            {
                using var content = new ByteArrayContent(body);
                using var answer = await http.PostAsync(new Uri(address, "/webhooks/wix"), content);
                answer.EnsureSuccessStatusCode();
            });
            var (template, _) = await TimeAsync(() => TemplateApp.StartAsync(), async address => (await http.GetStringAsync(address)).Contains("Hello", StringComparison.Ordinal));

            // The first of each warms the disk and this program.
            if (i >= 0)
            {
                ours.Add(total);
                ready.Add(started);
                theirs.Add(template);
                Console.WriteLine(Text.Of($"dashboard {total:N0} ms (ready after {started:N0}), template {template:N0} ms"));
            }
        }

        var (first, page, ratio) = (new Series(ours), new Series(theirs), new Series(ours).Over(new Series(theirs)));
        await Results.KeepAsync(Name,
        [
            new(Text.Of($"start to first webhook answered, {imports:N0} imports in the database"), "≤ 2 × the template app to its first page", first.Median / page.Median <= 2,
                Text.Of($"{first.Median / page.Median:N2} × ({first.Median:N0} to {page.Median:N0} ms; ready after {new Series(ready).Median:N0})"), ratio.Spread("N2"), Name),
        ],
        isShort);
    }

    private static async Task<(double Total, double Ready)> TimeAsync(Func<Task<ServerProcess>> start, Func<Uri, Task> firstAnswer)
    {
        var clock = Stopwatch.StartNew();
        await using var server = await start();
        await firstAnswer(server.Address);
        var total = clock.Elapsed.TotalMilliseconds;
        await server.SignalAsync("TERM");
        await server.WaitForExitAsync();
        return (total, server.StartTime.TotalMilliseconds);
    }
}
