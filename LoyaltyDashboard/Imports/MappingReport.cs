namespace LoyaltyDashboard.Imports;

/// <summary>What can be said of a mapping without asking anyone. The numbers are stored.</summary>
public enum MappingVerdict
{
    /// <summary>No mapping given, or nothing to judge it by.</summary>
    Unknown = 0,

    /// <summary>No finding.</summary>
    Healthy = 1,

    /// <summary>Some cells look wrong.</summary>
    Suspicious = 2,

    /// <summary>This import would fail or mix things up.</summary>
    Broken = 3,
}

/// <summary>One reason behind a verdict.</summary>
/// <param name="Code">A stable word for scripts.</param>
/// <param name="Message">The reason, in a sentence for people.</param>
/// <param name="ColumnIndex">The zero-based column it is about, if it is about one.</param>
public sealed record MappingFinding(string Code, string Message, long? ColumnIndex);

/// <summary>Verdict and reasons.</summary>
public sealed record MappingReport(MappingVerdict Verdict, IReadOnlyList<MappingFinding> Findings);
