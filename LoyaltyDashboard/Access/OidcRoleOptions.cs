using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>What the provider's claim says for each role.</summary>
public sealed class OidcRoleOptions
{
    /// <summary>For viewers.</summary>
    public string Viewer { get; set; } = nameof(Role.Viewer);

    /// <summary>For operators.</summary>
    public string Operator { get; set; } = nameof(Role.Operator);

    /// <summary>For administrators.</summary>
    public string Administrator { get; set; } = nameof(Role.Administrator);
}
