using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Benchmarks.Queries;

/// <summary><c>tiles</c>: the KPI tiles with their chart of hours, and the menu of sites; also when all imports arrived within the last day.</summary>
internal static class TilesCommand
{
    private const string Name = "tiles";
    private const int Asked = 200;
    private const int AskedOfOneDay = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var imports = new Option<int>("--imports") { Description = "How many imports there are", DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "How often all is measured", DefaultValueFactory = _ => 5 };
        var isShort = new Option<bool>("--short") { Description = "One round that keeps nothing" };
        var command = new Command(Name, "The KPI tiles with their chart, and the menu of sites.") { imports, rounds, isShort };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(imports), parsed.GetValue(isShort) ? 1 : parsed.GetValue(rounds), parsed.GetValue(isShort), cancellation));
        return command;
    }

    private static async Task RunAsync(int imports, int rounds, bool isShort, CancellationToken cancellation)
    {
        using var folder = new TempFolder();
        using var seeded = await SeededQueries.OpenAsync(imports);
        using var oneDay = SeededQueries.Open(await WithinOneDayAsync(imports, folder.File("one-day.db")));
        var (tiles, sites, crowded) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            var (ofTiles, ofSites, ofCrowded) = (
                await P95Async(Asked, () => seeded.AskTilesAsync(cancellation)), await P95Async(Asked, () => seeded.AskSitesAsync(cancellation)), await P95Async(AskedOfOneDay, () => oneDay.AskTilesAsync(cancellation)));
            // The first round warms up.
            if (round > 0)
            {
                tiles.Add(ofTiles);
                sites.Add(ofSites);
                crowded.Add(ofCrowded);
                Console.WriteLine(Text.Of($"p95: tiles {ofTiles:N1} ms, menu of sites {ofSites:N1} ms, tiles with all imports in one day {ofCrowded:N1} ms"));
            }
        }

        var arrived = (await oneDay.Imports.TilesAsync(Reader.System, cancellation)).Arrived;
        var (t, s, c) = (new Series(tiles), new Series(sites), new Series(crowded));
        await Results.KeepAsync(Name,
        [
            new(Text.Of($"KPI tiles and chart at {imports:N0} imports"), "p95 ≤ 50 ms", t.Median <= 50, Text.Of($"{t.Median:N1} ms"), t.Spread("N1"), Name),
            new("menu of sites", "p95 ≤ 50 ms", s.Median <= 50, Text.Of($"{s.Median:N1} ms"), s.Spread("N1"), Name),
            new(Text.Of($"KPI tiles with {arrived:N0} imports of the last 24 hours"), "below 500 ms, and asked once in that time for all pages together", c.Median <= SharedAnswer<int>.LongestRest.TotalMilliseconds, Text.Of($"p95 {c.Median:N0} ms"), c.Spread(), Name),
        ],
        isShort || imports < 1_000_000);
    }

    // The same imports with their arrivals drawn together, without what the tiles do not read.
    private static async Task<string> WithinOneDayAsync(int imports, string path)
    {
        using (var empty = SeededQueries.Open(path))
        {
            await empty.MigrateAsync();
        }

        using var connection = SqliteSetup.Open($"Data Source={path};Pooling=False");
        using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = "SELECT group_concat(name) FROM pragma_table_info('imports') WHERE name <> 'Arrived'";
        var columns = (string)command.ExecuteScalar()!;
        var (newest, days) = (UtcTicks.From(SeededDatabase.Newest), (int)SeededDatabase.Span.TotalDays);
        command.CommandText = Text.Of($"""
            PRAGMA synchronous=OFF;
            ATTACH '{await SeededDatabase.GetAsync(imports)}' AS seeded;
            INSERT INTO sites SELECT * FROM seeded.sites;
            INSERT INTO imports ({columns}, Arrived) SELECT {columns}, {newest} - ({newest} - Arrived) / {days} FROM seeded.imports ORDER BY RowId;
            PRAGMA wal_checkpoint(TRUNCATE);
            """);
        command.ExecuteNonQuery();
        return path;
    }

    private static async Task<double> P95Async(int count, Func<Task> ask)
    {
        List<double> milliseconds = [];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await ask();
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return new Series(milliseconds).Percentile(95);
    }
}
