using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Components.Settings;

/// <summary>What a dialog asks for: a role and sites, and a name where it is a key's.</summary>
public sealed class Choice
{
    /// <summary>What for.</summary>
    public string Name { get; set; } = string.Empty;

    /// <summary>The role.</summary>
    public Role Role { get; set; } = Role.Viewer;

    /// <summary>Whether it is for some sites alone.</summary>
    public bool IsLimited { get; set; }

    /// <summary>Which, if so.</summary>
    public HashSet<string> Chosen { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The sites; null: all.</summary>
    public IReadOnlyList<string>? Sites => IsLimited ? [.. Chosen.Order(StringComparer.Ordinal)] : null;

    /// <summary>Why it cannot be taken; null: it can.</summary>
    public string? Fault => IsLimited && Chosen.Count == 0 ? "Choose one site at least, or all." : null;
}
