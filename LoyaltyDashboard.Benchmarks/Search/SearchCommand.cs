using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace LoyaltyDashboard.Benchmarks.Search;

/// <summary><c>search</c>: pages of the list with a text, and how the index follows.</summary>
internal static class SearchCommand
{
    private const string Name = "search";
    private const int Slowest = 8;

    private static readonly string[] _short = ["e", "qz", "é", "0c", "ü"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each question is asked", DefaultValueFactory = _ => 5 };
        var imports = new Option<int>("--imports") { Description = "How many imports there are; another number than the default keeps nothing", DefaultValueFactory = _ => 1_000_000 };
        var isShort = new Option<bool>("--short") { Description = "Each question once at 100,000 imports, keeping nothing" };
        var isCatchingUp = new Option<bool>("--catch-up") { Description = "Also makes the whole index anew, on a copy, and tells how long that takes", DefaultValueFactory = _ => false };
        var command = new Command(Name, "Text search in a long list, and how its index follows the imports.") { rounds, imports, isShort, isCatchingUp };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort) ? 1 : parsed.GetValue(rounds), parsed.GetValue(isShort) ? 100_000 : parsed.GetValue(imports), parsed.GetValue(isCatchingUp)));
        return command;
    }

    private static async Task RunAsync(int rounds, int imports, bool isCatchingUp)
    {
        var path = await SeededDatabase.GetAsync(imports);
        var connection = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = SqliteSetup.LockTimeoutSeconds };
        using var gate = new QuestionGate();
        var contexts = new PooledDbContextFactory<DashboardDb>(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection.ConnectionString).AddInterceptors(new SqliteSetup(), gate).Options);
        var queries = new ImportQueries(contexts, new FixedTime());
        var questions = SearchMix.Texts(imports).SelectMany(text => SearchMix.Filters.Select(filter => (text.In, Filter: filter with { Q = text.Text }))).ToList();
        var shortQuestions = _short.SelectMany(text => SearchMix.Filters.Select(filter => (In: "one or two letters", Filter: filter with { Q = text }))).ToList();
        Console.WriteLine(Text.Of($"{questions.Count} questions and {shortQuestions.Count} of one or two letters, {imports:N0} imports"));

        // Once unmeasured: what is compiled and read from the disk for the first time is not the search's.
        await AskAsync(queries, questions, 1);
        var (all, byRound) = await AskAsync(queries, questions, rounds);
        var (ofShort, byShortRound) = await AskAsync(queries, shortQuestions, Math.Min(rounds, 2));
        Tell(all);
        Tell(ofShort);

        var percentile = new Series([.. byRound.Select(round => round.Percentile(95))]);
        var median = new Series([.. byRound.Select(round => round.Median)]);
        var worst = new Series([.. byRound.Select(round => round.Highest)]);
        var worstShort = new Series([.. byShortRound.Select(round => round.Highest)]);
        List<Measurement> measurements =
        [
            new(Text.Of($"text search at {imports:N0} imports, three letters or more"), "p95 ≤ 100 ms", percentile.Median <= 100,
                Text.Of($"{percentile.Median:N0} ms (p50 {median.Median:N0} ms, worst {worst.Median:N0} ms)"), percentile.Spread(), Name),
            new("the same with one or two letters", "about a second at most", worstShort.Highest <= 1_200, Text.Of($"worst {worstShort.Highest:N0} ms"), worstShort.Spread(), Name),
            new("bytes of search index per import", "stated", true, Text.Of($"{await BytesAsync(contexts) / (double)imports:N0}"), "one database", Name),
        ];
        if (isCatchingUp)
        {
            measurements.Add(await CatchUpAsync(imports));
        }

        await Results.KeepAsync(Name, measurements, isShort: imports != 1_000_000);
    }

    private static async Task<(List<(string Question, double Milliseconds)> All, List<Series> ByRound)> AskAsync(ImportQueries queries, IReadOnlyList<(string In, ImportFilter Filter)> questions, int rounds)
    {
        List<(string, double)> all = [];
        List<Series> byRound = [];
        for (var round = 0; round < rounds; round++)
        {
            List<double> times = [];
            foreach (var (kind, filter) in questions)
            {
                var start = Stopwatch.GetTimestamp();
                var page = await queries.PageAsync(Reader.System, filter, 1, ImportFilterQuery.DefaultPageSize, CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                all.Add(($"{ImportFilterQuery.Write(filter)} ({kind}; {page.Rows.Count} rows, {page.Total}{(page.TotalIsExact ? "" : "+")} in all)", times[^1]));
            }

            byRound.Add(new(times));
        }

        return (all, byRound);
    }

    private static void Tell(List<(string Question, double Milliseconds)> all)
    {
        Console.WriteLine("The slowest, by their median:");
        foreach (var (question, median) in all.GroupBy(a => a.Question).Select(g => (g.Key, new Series([.. g.Select(a => a.Milliseconds)]).Median)).OrderByDescending(g => g.Median).Take(Slowest))
        {
            Console.WriteLine(Text.Of($"  {median,6:N0} ms  {Uri.UnescapeDataString(question)}"));
        }
    }

    private static async Task<long> BytesAsync(PooledDbContextFactory<DashboardDb> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return (await database.Database.SqlQueryRaw<long>("SELECT sum(length(block)) AS Value FROM import_search_data").ToListAsync())[0];
    }

    private static async Task<Measurement> CatchUpAsync(int imports)
    {
        using var folder = new TempFolder();
        var path = folder.File("search.db");
        await SeededDatabase.CopyAsync(imports, path);
        using var session = new WriterSession($"Data Source={path};Pooling=False");
        session.Execute("DROP TABLE import_search");
        var clock = Stopwatch.StartNew();
        var steps = new Series(SeededDatabase.CatchUp(session));
        Console.WriteLine(Text.Of($"Caught up in {clock.Elapsed.TotalSeconds:N1} s; a step took {steps.Median:N1} ms, p99 {steps.Percentile(99):N1} ms, worst {steps.Highest:N0} ms"));
        return new(Text.Of($"the search index of {imports:N0} imports, made anew while nobody waits"), "steps of a few ms", steps.Percentile(99) <= 20,
            Text.Of($"{clock.Elapsed.TotalSeconds:N0} s in all; a step {steps.Median:N1} ms, p99 {steps.Percentile(99):N0} ms"), $"{steps.Values.Count.ToString("N0", Text.Culture)} steps", $"{Name} --catch-up");
    }

    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SeededDatabase.Newest;
    }
}
