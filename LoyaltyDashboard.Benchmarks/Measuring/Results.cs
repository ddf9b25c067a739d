using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LoyaltyDashboard.Benchmarks.Measuring;

/// <summary>
/// Where measurements are kept: one JSON file a command in <c>LoyaltyDashboard.Benchmarks/results</c>, with the day and the machine. The table of the README is
/// made of these files, so that it can say nothing that was not measured.
/// </summary>
internal static class Results
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Folder => Path.Combine(Repository.Root, "LoyaltyDashboard.Benchmarks", "results");

    /// <summary>Prints a command's measurements and keeps them, unless it ran in a short form that proves nothing about speed.</summary>
    public static async Task KeepAsync(string command, IReadOnlyList<Measurement> measurements, bool isShort = false)
    {
        Console.WriteLine();
        Console.WriteLine(Table(measurements));
        if (isShort)
        {
            Console.WriteLine("A short run: nothing was kept.");
            return;
        }

        await WriteAsync(command, new ResultFile(Today, Machine(), measurements));
    }

    /// <summary>Prints all that is kept, in the order given.</summary>
    public static void Report(IEnumerable<string> commands)
    {
        var files = commands.Select(Read<ResultFile>).OfType<ResultFile>().ToList();
        Console.WriteLine(Table([.. files.SelectMany(file => file.Measurements)]));
        Console.WriteLine(Origin("Measured", files.Select(file => (file.Machine, file.Day))));
    }

    /// <summary>The day of what is measured now.</summary>
    public static string Today => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", Text.Culture);

    /// <summary>What a command has kept; null if it has kept nothing.</summary>
    public static T? Read<T>(string command)
        where T : class => File.Exists(PathOf(command)) ? JsonSerializer.Deserialize<T>(File.ReadAllText(PathOf(command)), _json) : null;

    /// <summary>Keeps it in the place of what the command had kept before.</summary>
    public static async Task WriteAsync<T>(string command, T kept)
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(PathOf(command), JsonSerializer.Serialize(kept, _json) + "\n");
    }

    /// <summary>On which machines it was, and when: a line each.</summary>
    public static string Origin(string did, IEnumerable<(string Machine, string Day)> origins) => string.Join(
        '\n', origins.GroupBy(origin => origin.Machine).Select(group => $"{did} on {group.Key}, {string.Join(", ", group.Select(origin => origin.Day).Distinct().Order(StringComparer.Ordinal))}."));

    private static string PathOf(string command) => Path.Combine(Folder, command + ".json");

    private static string Table(IReadOnlyList<Measurement> measurements) => string.Join('\n',
    [
        "| work | goal | measured | spread | command |", "|---|---|---|---|---|",
        .. measurements.Select(m => $"| {m.Work} | {m.Goal} | {(m.Reached ? "" : "**not reached:** ")}{m.Measured} | {m.Spread} | `{m.Command}` |"),
    ]);

    /// <summary>This machine, in words.</summary>
    public static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return Text.Of($"{Environment.ProcessorCount} cores{(model is null ? "" : $" of {model}")}, {memory:N0} GiB, {RuntimeInformation.OSDescription.Split('#')[0].Trim()}, .NET {Environment.Version}");
    }

    private sealed record ResultFile(string Day, string Machine, IReadOnlyList<Measurement> Measurements);
}
