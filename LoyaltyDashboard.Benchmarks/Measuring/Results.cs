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

        Directory.CreateDirectory(Folder);
        var file = new ResultFile(DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", Text.Culture), Machine(), measurements);
        await File.WriteAllTextAsync(Path.Combine(Folder, command + ".json"), JsonSerializer.Serialize(file, _json) + "\n");
    }

    /// <summary>Prints all that is kept, in the order given.</summary>
    public static async Task<int> ReportAsync(IEnumerable<string> commands)
    {
        var files = new List<ResultFile>();
        foreach (var path in commands.Select(command => Path.Combine(Folder, command + ".json")).Where(File.Exists))
        {
            files.Add(JsonSerializer.Deserialize<ResultFile>(await File.ReadAllTextAsync(path), _json)!);
        }

        Console.WriteLine(Table([.. files.SelectMany(file => file.Measurements)]));
        foreach (var (machine, days) in files.GroupBy(file => file.Machine).Select(group => (group.Key, string.Join(", ", group.Select(file => file.Day).Distinct().Order(StringComparer.Ordinal)))))
        {
            Console.WriteLine($"Measured on {machine}, {days}.");
        }

        return 0;
    }

    private static string Table(IReadOnlyList<Measurement> measurements) => string.Join('\n',
    [
        "| work | goal | measured | spread | command |", "|---|---|---|---|---|",
        .. measurements.Select(m => $"| {m.Work} | {m.Goal} | {(m.Reached ? "" : "**not reached:** ")}{m.Measured} | {m.Spread} | `{m.Command}` |"),
    ]);

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1024.0 * 1024 * 1024);
        return Text.Of($"{Environment.ProcessorCount} cores{(model is null ? "" : $" of {model}")}, {memory:N0} GiB, {RuntimeInformation.OSDescription.Split('#')[0].Trim()}, .NET {Environment.Version}");
    }

    private sealed record ResultFile(string Day, string Machine, IReadOnlyList<Measurement> Measurements);
}
