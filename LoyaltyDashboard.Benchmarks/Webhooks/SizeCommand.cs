using System.CommandLine;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Benchmarks.Webhooks;

/// <summary><c>size</c>: bytes on the disk for each import, with its samples, its webhook, its history and its part of every index, beside the bytes that came in.</summary>
internal static class SizeCommand
{
    private const string Name = "size";

    private static readonly TimeSpan _longestIndexing = TimeSpan.FromMinutes(2);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var isShort = new Option<bool>("--short") { Description = "A few thousand imports; keeps nothing" };
        var command = new Command(Name, "Bytes on the disk for each import, beside the webhook that brought it.") { isShort };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort)));
        return command;
    }

    private static async Task RunAsync(bool isShort)
    {
        using var events = new SignedEvents();
        var bodies = events.Sign(isShort ? 4_000 : 40_000).Select(e => e.Body).ToList();
        using var folder = new TempFolder();
        var path = folder.File("size.db");
        await using (var server = await PublishedDashboard.StartAsync(path, events.PublicKeyPem))
        {
            await LoadGenerator.RunAsync(new(server.Address, "/webhooks/wix"), bodies, 64);
            await WaitForTheIndexAsync(path);
            await server.SignalAsync("TERM");
            await server.WaitForExitAsync();
        }

        var bytes = new FileInfo(path).Length / (double)bodies.Count;
        var raw = bodies.Average(body => body.Length);
        await Results.KeepAsync(
            Name,
            [new("bytes on disk per import with samples", "≤ 1.5 × the raw event", bytes / raw <= 1.5, Text.Of($"{bytes / raw:N2} × ({bytes:N0} bytes; the event has {raw:N0})"), Text.Of($"one database of {bodies.Count:N0} imports"), Name)],
            isShort);
    }

    // The text index is a part of it, and follows a moment later.
    private static async Task WaitForTheIndexAsync(string path)
    {
        using var connection = SqliteSetup.Open($"Data Source={path};Mode=ReadOnly");
        using var behind = connection.CreateCommand();
        behind.CommandText = "SELECT (SELECT MAX(RowId) FROM import_texts) - (SELECT IndexedTo FROM search_state)";
        var until = DateTimeOffset.UtcNow + _longestIndexing;
        while ((long)(await behind.ExecuteScalarAsync())! > 0)
        {
            if (DateTimeOffset.UtcNow > until)
            {
                throw new InvalidOperationException("The text index did not catch up.");
            }

            await Task.Delay(500);
        }
    }
}
