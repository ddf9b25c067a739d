using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// What came of each fault at full length, in <c>results/torture.json</c>: a line a fault, which the fault's next run replaces and no other. So a run of one fault leaves the others their
/// day, and a run that is broken off keeps what it had done.
/// </summary>
internal static class TortureResults
{
    /// <summary>The name of the command and of its file.</summary>
    public const string Name = "torture";

    /// <summary>All that is kept.</summary>
    public static IReadOnlyList<FaultLine> Kept() => Results.Read<TortureFile>(Name)?.Faults ?? [];

    /// <summary>Keeps a fault's line in the place of its earlier one.</summary>
    /// <param name="line">What came of it now.</param>
    /// <param name="order">The names of all faults there are; lines of others are dropped.</param>
    public static Task KeepAsync(FaultLine line, IReadOnlyList<string> order) => Results.WriteAsync(
        Name, new TortureFile([.. Kept().Where(kept => kept.Fault != line.Fault).Append(line).Where(kept => order.Contains(kept.Fault)).OrderBy(kept => order.ToList().IndexOf(kept.Fault))]));

    /// <summary>Lines as a table.</summary>
    public static string Table(IEnumerable<FaultLine> lines) => string.Join('\n',
    [
        "| fault | what must hold | held | figures | day |", "|---|---|---|---|---|",
        .. lines.Select(line => $"| {line.Title} | {line.MustHold} | {Verdict.Word(line.Held)} | {line.Figures} | {line.Day} |"),
    ]);

    /// <summary>Prints all that is kept; nothing, if nothing is.</summary>
    public static void Report()
    {
        if (Kept() is { Count: > 0 } kept)
        {
            Console.WriteLine();
            Console.WriteLine(Table(kept));
            Console.WriteLine(Results.Origin("Tried", kept.Select(line => (line.Machine, line.Day))));
        }
    }

    /// <summary>How long a full run takes, by what the kept runs took.</summary>
    /// <param name="faults">The names of all faults there are.</param>
    public static string Length(IReadOnlyList<string> faults)
    {
        var kept = Kept().Where(line => faults.Contains(line.Fault)).ToList();
        var minutes = Math.Max(1, Math.Round(kept.Sum(line => line.Seconds) / 60));
        return kept.Count == 0 ? "How long the full run takes is told here once one was kept."
            : kept.Count == faults.Count ? Text.Of($"The full run takes about {minutes:N0} min.")
            : Text.Of($"The full run takes more than {minutes:N0} min, which {kept.Count} of its {faults.Count} faults took when they were last run.");
    }

    private sealed record TortureFile(IReadOnlyList<FaultLine> Faults);
}

/// <summary>What came of a fault at full length.</summary>
/// <param name="Fault">Its name for <c>--only</c>.</param>
/// <param name="Title">What went wrong.</param>
/// <param name="MustHold">What had to hold.</param>
/// <param name="Held">Whether it did; null when the fault was not run.</param>
/// <param name="Figures">What was seen, or why it was not run.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Day">When it was run.</param>
/// <param name="Machine">Where.</param>
internal sealed record FaultLine(string Fault, string Title, string MustHold, bool? Held, string Figures, double Seconds, string Day, string Machine);
