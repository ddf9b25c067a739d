using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;

namespace LoyaltyDashboard.Benchmarks.Micro;

/// <summary><c>writer</c>: the writer's session alone, on prepared events: its time and its pages of log. For whoever changes what is written; it is not in the table.</summary>
internal static class WriterCommand
{
    private const int FrameBytes = 4_096 + 24;
    private const int HeaderBytes = 32;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var events = new Argument<int>("events") { DefaultValueFactory = _ => 30_000 };
        var batch = new Option<int>("--batch") { Description = "Events in one commit", DefaultValueFactory = _ => 48 };
        var command = new Command("writer", "What an event costs the writer alone: time, and pages of the write-ahead log.") { events, batch };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(events), parsed.GetValue(batch)));
        return command;
    }

    private static async Task RunAsync(int count, int batch)
    {
        using var folder = new TempFolder();
        var path = folder.File("writer.db");
        await SeededDatabase.MigrateAsync(path);
        var now = DateTimeOffset.UtcNow;
        var deliveries = new Delivery[count];
        Parallel.For(0, count, i =>
        {
            var claims = InventedEvents.Claims(InventedEvents.Announce(i, now), now);
            deliveries[i] = WebhookDelivery.Create(claims, claims.Length * 4 / 3, now.AddMilliseconds(i));
            deliveries[i].Prepare(null);
        });

        using var session = new WriterSession($"Data Source={path};Pooling=False");
        if (Environment.GetEnvironmentVariable("SD_OFF") == "1") { session.Execute("PRAGMA secure_delete=OFF"); }
        var clock = Stopwatch.StartNew();
        foreach (var part in deliveries.Chunk(batch))
        {
            using var transaction = session.Begin();
            var changed = new HashSet<ChangedImport>();
            foreach (var delivery in part)
            {
                session.Apply(delivery, changed);
            }

            transaction.Commit();
        }

        // Nothing brings pages home here, so the log holds all that was written.
        var pages = (new FileInfo(path + "-wal").Length - HeaderBytes) / (double)FrameBytes;
        Console.WriteLine(Text.Of($"{count:N0} events, {batch} in a commit: {clock.Elapsed.TotalMicroseconds / count:N1} µs and {pages / count:N2} pages of log an event"));
    }
}
