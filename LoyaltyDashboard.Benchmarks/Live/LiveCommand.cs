using System.CommandLine;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary><c>live</c>: what listening costs the writer, and how soon listeners know.</summary>
internal static class LiveCommand
{
    private const string Name = "live";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var isShort = new Option<bool>("--short") { Description = "One quick round of each that keeps nothing" };
        var only = new Option<string?>("--only") { Description = "cost, hub or browser: measures that alone and keeps nothing" };
        var command = new Command(Name, "Webhooks with and without 50 open pages and 500 hub clients; from the POST to the hub's clients and to the browser.") { isShort, only };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(isShort), parsed.GetValue(only)));
        return command;
    }

    private static async Task RunAsync(bool isShort, string? only)
    {
        using var events = new SignedEvents();
        var measurements = new List<Measurement>();
        if (only is null or "cost")
        {
            measurements.Add(await ListeningCost.MeasureAsync(events, isShort ? 2 : 5, isShort ? 10_000 : 20_000, Name));
        }

        if (only is null or "hub")
        {
            measurements.Add(await TimeToHub.MeasureAsync(events, isShort ? 8 : 30, Name));
        }

        if (only is null or "browser")
        {
            measurements.Add(await TimeToBrowser.MeasureAsync(events, isShort ? 15 : 60, Name));
        }

        await Results.KeepAsync(Name, measurements, isShort || only is not null);
    }
}
