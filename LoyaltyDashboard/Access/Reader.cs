using System.Globalization;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Who asks, and what they may see and do at this moment. Everything that reads or does something for somebody takes one; ask for it anew at each question, for a role can be lost and
/// a reveal ends.
/// </summary>
/// <param name="Actor">As the audit log names them: <c>user:3</c>, <c>key:2</c>, <c>system</c>, <c>command</c>.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Sites">Instance ids of the sites they may see; null: all, and what belongs to no site.</param>
/// <param name="SeesClear">Whether personal data are shown to them as they are; else masked.</param>
/// <param name="IsKey">Whether this is a script with an API key: what it reads in clear is audited read by read.</param>
public sealed record Reader(string Actor, Role Role, IReadOnlyList<string>? Sites, bool SeesClear, bool IsKey = false)
{
    /// <summary>Somebody who may see nothing: not signed in, or no longer.</summary>
    public static Reader Nobody { get; } = new("nobody", Role.None, [], false);

    /// <summary>The program itself, for work that nobody watches.</summary>
    public static Reader System { get; } = new("system", Role.Administrator, null, true);

    /// <summary>How the audit log names an account.</summary>
    /// <param name="accountId">Its row.</param>
    public static string ActorOf(long accountId) => string.Create(CultureInfo.InvariantCulture, $"user:{accountId}");

    /// <summary>Whether they may see what belongs to a site; null: to none.</summary>
    public bool MaySee(string? instanceId) => Role >= Role.Viewer && (Sites is null || (instanceId is not null && Sites.Contains(instanceId, StringComparer.OrdinalIgnoreCase)));

    /// <summary>Whether they may do what takes a role.</summary>
    public bool Is(Role role) => Role >= role;

    /// <summary>The same for an export, which an operator gets in clear without a reveal.</summary>
    public Reader ForExport() => this with { SeesClear = Is(Role.Operator) };

    /// <summary>Goes on only with the role for all sites: for what cannot be told apart by site.</summary>
    /// <exception cref="AccessDeniedException">They do not have it, or only for some.</exception>
    public void DemandOfAllSites(Role role)
    {
        Demand(role);
        if (Sites is not null)
        {
            throw new AccessDeniedException(role);
        }
    }

    /// <summary>Goes on only with the role, and where they may see what belongs to a site; null: to none.</summary>
    /// <exception cref="AccessDeniedException">They do not have it, or may not.</exception>
    public void Demand(Role role, string? instanceId)
    {
        Demand(role);
        if (!MaySee(instanceId))
        {
            throw new AccessDeniedException(role);
        }
    }

    /// <summary>Goes on only with the role.</summary>
    /// <exception cref="AccessDeniedException">They do not have it.</exception>
    public void Demand(Role role)
    {
        if (!Is(role))
        {
            throw new AccessDeniedException(role);
        }
    }
}
