namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>What came of a fault.</summary>
/// <param name="Held">Whether all that must hold did; null when it was not run.</param>
/// <param name="Figures">What was seen, or why it was not run.</param>
internal sealed record Verdict(bool? Held, string Figures)
{
    /// <summary>A fault that this machine does not allow to be made.</summary>
    public static Verdict NotRun(string why) => new(null, why);

    /// <summary>Held when nothing is amiss; otherwise the first of what is amiss stands before the figures.</summary>
    public static Verdict Of(IReadOnlyCollection<string> amiss, string figures) =>
        new(amiss.Count == 0, amiss.Count == 0 ? figures : $"{string.Join("; ", amiss.Take(3))}{(amiss.Count > 3 ? $" and {amiss.Count - 3} more" : "")}. {figures}");

    /// <summary>Whether it held, in a word.</summary>
    public static string Word(bool? held) => held switch { true => "held", false => "**not held**", null => "not run" };
}
