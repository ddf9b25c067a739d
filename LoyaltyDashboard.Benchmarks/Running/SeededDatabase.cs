using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>
/// A database with so many imports, written by the product's own writer session, so that every row, index and text is what the product itself would have written; only
/// without the door before it and without waiting for the disk. Made once and kept; a database of an older schema is made anew.
/// </summary>
internal static class SeededDatabase
{
    private const int PerTransaction = 5_000;

    /// <summary>The newest import of every seeded database arrived then.</summary>
    public static DateTimeOffset Newest { get; } = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long the arrivals are spread over.</summary>
    public static TimeSpan Span { get; } = TimeSpan.FromDays(90);

    /// <summary>The path of the database; makes it if it is not there.</summary>
    /// <param name="imports">How many.</param>
    public static async Task<string> GetAsync(int imports)
    {
        var migrations = await LastMigrationAsync();
        var path = Path.Combine(Repository.Cache, $"seed-{imports}-{migrations}.db");
        if (!File.Exists(path))
        {
            var unfinished = path + ".unfinished";
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Delete(unfinished + suffix);
            }

            await MakeAsync(unfinished, imports);
            File.Move(unfinished, path);
        }

        return path;
    }

    /// <summary>A copy that may be written to.</summary>
    /// <param name="imports">How many imports.</param>
    /// <param name="path">Where to.</param>
    public static async Task CopyAsync(int imports, string path)
    {
        // A copy that shares its blocks takes no time on file systems that can.
        await ShellCommand.RunAsync("cp", ["--reflink=auto", await GetAsync(imports), path], Repository.Root);
    }

    /// <summary>When an import arrived: evenly spread, the highest number last.</summary>
    public static DateTimeOffset ArrivalOf(int number, int imports) => Newest - (Span * (1 - ((number + 1.0) / imports)));

    /// <summary>Makes an empty database of today's schema.</summary>
    public static async Task MigrateAsync(string path)
    {
        await using var services = Services(path);
        await using var database = await services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync();
        await database.Database.MigrateAsync();
    }

    private static async Task MakeAsync(string path, int imports)
    {
        Console.WriteLine($"Making a database of {imports.ToString("N0", Text.Culture)} imports, once…");
        var clock = Stopwatch.StartNew();
        await MigrateAsync(path);
        using (var session = new WriterSession($"Data Source={path};Pooling=False"))
        {
            // Nobody is promised anything here.
            session.Execute("PRAGMA synchronous=OFF");
            NameSites(session);
            for (var start = 0; start < imports; start += PerTransaction)
            {
                var deliveries = new Delivery[Math.Min(PerTransaction, imports - start)];
                Parallel.For(0, deliveries.Length, i =>
                {
                    var arrived = ArrivalOf(start + i, imports);
                    var claims = InventedEvents.Claims(InventedEvents.Announce(start + i, arrived - TimeSpan.FromSeconds(1)), arrived);
                    deliveries[i] = WebhookDelivery.Create(claims, claims.Length * 4 / 3, arrived);
                });
                Write(session, deliveries);
                if ((start / PerTransaction) % 20 == 19)
                {
                    Console.WriteLine($"  {(start + PerTransaction).ToString("N0", Text.Culture)} after {clock.Elapsed.TotalSeconds.ToString("N0", Text.Culture)} s");
                }
            }

            while (session.Settling.Step(PerTransaction))
            {
            }

            foreach (var keys in session.Keys)
            {
                while (keys.Step())
                {
                }
            }

            CatchUp(session);
            session.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        Console.WriteLine($"  made in {clock.Elapsed.TotalSeconds.ToString("N0", Text.Culture)} s, {(new FileInfo(path).Length / 1e9).ToString("N1", Text.Culture)} GB");
    }

    /// <summary>Lets the search index follow to its end, in the steps that the program takes while nobody waits.</summary>
    /// <returns>How long each took, in milliseconds.</returns>
    public static IReadOnlyList<double> CatchUp(WriterSession session)
    {
        List<double> steps = [];
        var isMore = true;
        while (isMore)
        {
            var start = Stopwatch.GetTimestamp();
            isMore = session.Search.Step();
            steps.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return steps;
    }

    private static void NameSites(WriterSession session)
    {
        using var transaction = session.Begin();
        for (var number = 0; number < InventedEvents.Sites; number++)
        {
            var site = InventedEvents.Site(number);
            session.Apply(new SiteAnswer { InstanceId = site.InstanceId, At = Newest - Span, Link = SiteLink.Connected, SiteName = site.Name, SiteUrl = site.Url }, []);
        }

        transaction.Commit();
    }

    private static void Write(WriterSession session, IReadOnlyList<Delivery> deliveries)
    {
        using var transaction = session.Begin();
        var changed = new HashSet<ChangedImport>();
        foreach (var delivery in deliveries)
        {
            session.Apply(delivery, changed);
        }

        transaction.Commit();
        session.TendLog();
    }

    private static async Task<string> LastMigrationAsync()
    {
        await using var services = Services(Path.Combine(Repository.Cache, "none.db"));
        await using var database = await services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync();
        return database.Database.GetMigrations().Last();
    }

    private static ServiceProvider Services(string path) => new ServiceCollection()
        .AddDbContextFactory<DashboardDb>(options => options.UseSqlite($"Data Source={path};Pooling=False"))
        .BuildServiceProvider();
}
