using System.CommandLine;
using LoyaltyDashboard.Benchmarks.Live;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Benchmarks.Start;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Benchmarks.Pages;

/// <summary><c>pages</c>: memory that one open imports page holds on the server, beside a bare page with a grid of as many rows.</summary>
internal static class PagesCommand
{
    /// <summary>Rows of a page.</summary>
    public const int Rows = ImportFilterQuery.DefaultPageSize;

    private const string Name = "pages";
    private const int Imports = 10_000;
    private const int First = 10;
    private const int Pages = 50;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var isShort = new Option<bool>("--short") { Description = "One round that keeps nothing" };
        var command = new Command(Name, "Memory of one open imports page, beside a bare page with a MudDataGrid of as many rows.") { isShort };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort)));
        return command;
    }

    private static async Task RunAsync(bool isShort)
    {
        using var events = new SignedEvents();
        using var folder = new TempFolder();
        var database = folder.File("imports.db");
        await SeededDatabase.CopyAsync(Imports, database);
        await PublishedDashboard.PublishAsync();
        await TemplateApp.PublishAsync();

        (string, string)[] settings = [("DOTNET_STARTUP_HOOKS", typeof(PagesCommand).Assembly.Location), ("DOTNET_gcServer", "0")];
        var (ours, grid, template) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < (isShort ? 1 : 5); round++)
        {
            ours.Add(await MeasureAsync(await PublishedDashboard.StartAsync(database, events.PublicKeyPem, settings), 20_000));
            grid.Add(await MeasureAsync(await BareGrid.StartAsync(settings), 20_000));
            template.Add(await MeasureAsync(await TemplateApp.StartAsync(settings), 50));
            Console.WriteLine(Text.Of($"imports page {ours[^1]:N0} KiB, bare grid {grid[^1]:N0} KiB, template's page {template[^1]:N0} KiB"));
        }

        var (mine, bare, ratio) = (new Series(ours), new Series(grid), new Series(ours).Over(new Series(grid)));
        await Results.KeepAsync(Name,
        [
            new("memory of one open imports page", "≤ 1.25 × a bare page with a MudDataGrid of as many rows", ratio.Median <= 1.25,
                Text.Of($"{ratio.Median:N2} × ({mine.Median:N0} to {bare.Median:N0} KiB; a page of the template app holds {new Series(template).Median:N0} KiB)"), ratio.Spread("N2"), Name),
        ],
        isShort);
    }

    // In KiB a page. The first pages bring what all pages share.
    private static async Task<double> MeasureAsync(ServerProcess server, int rowsFrom)
    {
        await using var running = server;
        using var http = new HttpClient().WithKey();
        var pages = new List<OpenPage>();
        try
        {
            async Task<long> OpenAsync(int count)
            {
                for (var i = 0; i < count; i++)
                {
                    pages.Add(await OpenPage.OpenAsync(http, server.Address, rowsFrom));
                }

                foreach (var page in pages)
                {
                    await page.SettleAsync();
                    await page.PingAsync();
                }

                return await HeldAsync(server);
            }

            var before = await OpenAsync(First);
            return (await OpenAsync(Pages) - before) / 1024.0 / Pages;
        }
        finally
        {
            foreach (var page in pages)
            {
                await page.DisposeAsync();
            }
        }
    }

    private static async Task<long> HeldAsync(ServerProcess server)
    {
        long[] Lines() => [.. server.Output.Split('\n').Where(line => line.StartsWith(StartupHook.Prefix, StringComparison.Ordinal)).Select(line => long.Parse(line[StartupHook.Prefix.Length..], Text.Culture))];
        var known = Lines().Length;
        await server.SignalAsync("USR1");
        for (var wait = 0; wait < 100; wait++)
        {
            await Task.Delay(100);
            if (Lines() is var lines && lines.Length > known)
            {
                return lines[^1];
            }
        }

        throw new InvalidOperationException("The server did not tell what it holds:\n" + server.Output);
    }
}
