namespace LoyaltyDashboard.Access;

/// <summary>Sites in words, for the audit log and for pages.</summary>
public static class ScopeWords
{
    /// <summary>Which sites somebody may see.</summary>
    public static string Of(IReadOnlyCollection<string>? sites) => sites switch
    {
        null => "all sites",
        { Count: 1 } => $"site {sites.First()}",
        _ => $"{sites.Count} sites: {string.Join(", ", sites)}",
    };
}
