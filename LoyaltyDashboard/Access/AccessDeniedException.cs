using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>Somebody asked for what takes a role they do not have. A page offers no such thing; whoever meets this lost the role meanwhile, or asks past the page.</summary>
public sealed class AccessDeniedException(Role role) : Exception($"This takes the role {role}. An administrator can give it, on the settings page.")
{
    /// <summary>The role it takes.</summary>
    public Role Role { get; } = role;
}
