using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Benchmarks.Queries;

/// <summary><c>queries</c>: pages of the list on the published mix, and the first page beside the same of a small database.</summary>
internal static class QueriesCommand
{
    private const string Name = "queries";
    private const int Small = 10_000;
    private const int FirstPages = 100;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var imports = new Option<int>("--imports") { Description = "How many imports there are", DefaultValueFactory = _ => 1_000_000 };
        var rounds = new Option<int>("--rounds") { Description = "How often the mix is asked", DefaultValueFactory = _ => 5 };
        var isShort = new Option<bool>("--short") { Description = "One round that keeps nothing" };
        var slowest = new Option<int>("--slowest") { Description = "How many of the slowest are named", DefaultValueFactory = _ => 10 };
        var command = new Command(Name, "Pages of the list: 200 questions of every kind, as they stand in Queries/query-mix.txt.") { imports, rounds, isShort, slowest };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(imports), parsed.GetValue(isShort) ? 1 : parsed.GetValue(rounds), parsed.GetValue(isShort), parsed.GetValue(slowest), cancellation));
        return command;
    }

    private static async Task RunAsync(int imports, int rounds, bool isShort, int slowest, CancellationToken cancellation)
    {
        using var large = await SeededQueries.OpenAsync(imports);
        using var small = await SeededQueries.OpenAsync(Small);
        var mix = await QueryMix.ReadAsync();

        // Once unmeasured: a program that runs has compiled its queries, and a machine that serves them has the file in memory.
        await AskAsync(large.Imports, mix, cancellation);
        var times = mix.Select(_ => new List<double>()).ToList();
        var (p95, worst, ratios, firstPage) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            var asked = await AskAsync(large.Imports, mix, cancellation);
            for (var i = 0; i < asked.Count; i++)
            {
                times[i].Add(asked[i]);
            }

            p95.Add(new Series(asked).Percentile(95));
            worst.Add(asked.Max());
            var (ofLarge, ofSmall) = await FirstPagesAsync(large.Imports, small.Imports, cancellation);
            firstPage.Add(ofLarge);
            ratios.Add(ofLarge / ofSmall);
        }

        foreach (var group in mix.Select((question, i) => (question.Group, Times: times[i])).GroupBy(question => question.Group))
        {
            Print(group.Key, new([.. group.SelectMany(question => question.Times)]));
        }

        Print("All", new([.. times.SelectMany(t => t)]));
        Console.WriteLine("The slowest, by their medians:");
        foreach (var (question, median) in mix.Select((question, i) => (question, new Series(times[i]).Median)).OrderByDescending(question => question.Median).Take(slowest))
        {
            Console.WriteLine(Text.Of($"  {median,6:N1} ms  {question.Query}"));
        }

        var (p95s, worsts, firsts, ratio) = (new Series(p95), new Series(worst), new Series(firstPage), new Series(ratios));
        await Results.KeepAsync(Name,
        [
            new(Text.Of($"pages of the list at {imports:N0} imports, {mix.Count} questions of every kind"), "p95 ≤ 50 ms", p95s.Median <= 50, Text.Of($"{p95s.Median:N0} ms"), p95s.Spread(), Name),
            new("the slowest of them", "≤ 250 ms", worsts.Highest <= 250, Text.Of($"{worsts.Highest:N0} ms"), worsts.Spread(), Name),
            new("first page in arrival order", Text.Of($"≤ 2 × the same at {Small:N0}"), ratio.Median <= 2, Text.Of($"{ratio.Median:N2} × ({firsts.Median:N1} ms)"), ratio.Spread("N2"), Name),
        ],
        isShort || imports < 1_000_000);
    }

    private static async Task<List<double>> AskAsync(ImportQueries imports, IReadOnlyList<MixedQuery> mix, CancellationToken cancellation)
    {
        List<double> milliseconds = [];
        foreach (var question in mix)
        {
            var view = ImportFilterQuery.Parse(question.Query);
            if (view.Faults.Count > 0)
            {
                throw new InvalidOperationException($"{question.Query} in query-mix.txt: {view.Faults[0].Key} {view.Faults[0].Value}.");
            }

            milliseconds.Add(await TimeAsync(() => imports.PageAsync(Reader.System, view.Filter, view.Page, view.PageSize, cancellation)));
        }

        return milliseconds;
    }

    private static async Task<(double Large, double Small)> FirstPagesAsync(ImportQueries large, ImportQueries small, CancellationToken cancellation)
    {
        List<double> ofLarge = [], ofSmall = [];
        for (var i = 0; i < FirstPages; i++)
        {
            ofLarge.Add(await TimeAsync(() => large.PageAsync(Reader.System, ImportFilter.Default, 1, ImportFilterQuery.DefaultPageSize, cancellation)));
            ofSmall.Add(await TimeAsync(() => small.PageAsync(Reader.System, ImportFilter.Default, 1, ImportFilterQuery.DefaultPageSize, cancellation)));
        }

        return (new Series(ofLarge).Median, new Series(ofSmall).Median);
    }

    private static async Task<double> TimeAsync(Func<Task> ask)
    {
        var start = Stopwatch.GetTimestamp();
        await ask();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Print(string what, Series times) => Console.WriteLine(Text.Of($"{what}: p50 {times.Median:N1} ms, p95 {times.Percentile(95):N1} ms, worst {times.Highest:N1} ms"));
}
