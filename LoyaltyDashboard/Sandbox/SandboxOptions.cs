namespace LoyaltyDashboard.Sandbox;

/// <summary>Section <c>Sandbox</c>: a stand-in for Wix, for trying things out.</summary>
public sealed class SandboxOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Sandbox";

    /// <summary>Events at once after the start at most.</summary>
    public const int MostAtStart = 10_000;

    /// <summary>Seconds between two events at least.</summary>
    public const double ShortestInterval = 0.01;

    /// <summary>Seconds between two events at most: a day.</summary>
    public const double LongestInterval = 86_400;

    /// <summary>On in the Development profile; refused in Production.</summary>
    public bool Enabled { get; set; }

    /// <summary>The same seed invents the same imports. Random unless set, so that a second start does not send only duplicates.</summary>
    public int? Seed { get; set; }

    /// <summary>Events sent at once after the start, so that every scenario is seen; 0 also leaves the sites without a past.</summary>
    public int StartWith { get; set; } = 18;

    /// <summary>Seconds between two events afterwards, some of which are lost on purpose; 0 for none.</summary>
    public double IntervalSeconds { get; set; } = 5;
}
