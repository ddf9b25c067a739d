using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>An OpenID Connect provider that signs people in. Off unless it has an authority.</summary>
public sealed class OidcOptions
{
    /// <summary>The provider's issuer address.</summary>
    public string? Authority { get; set; }

    /// <summary>As what this program is known there.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret for it; none for a public client, which PKCE alone guards.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>The claim that names roles.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>What the claim says for each role.</summary>
    public OidcRoleOptions Roles { get; set; } = new();

    /// <summary>Instance ids of the sites that people see who sign in for the first time; an administrator may give them others. None: all.</summary>
    public List<string> Sites { get; set; } = [];

    /// <summary>Scopes to ask for besides openid, profile and email.</summary>
    public List<string> Scopes { get; set; } = [];

    /// <summary>What the provider is called on the button.</summary>
    public string DisplayName { get; set; } = "single sign-on";

    /// <summary>Whether there is one.</summary>
    public bool IsOn => !string.IsNullOrWhiteSpace(Authority);

    /// <summary>The highest role among the values of the claim; none if it knows none of them.</summary>
    public Role RoleOf(IReadOnlyCollection<string> values) =>
        values.Contains(Roles.Administrator, StringComparer.Ordinal) ? Role.Administrator : values.Contains(Roles.Operator, StringComparer.Ordinal) ? Role.Operator : values.Contains(Roles.Viewer, StringComparer.Ordinal) ? Role.Viewer : Role.None;

    /// <summary>What is wrong, in words that name the key and a good example.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!IsOn)
        {
            if (!string.IsNullOrWhiteSpace(ClientId))
            {
                yield return "Access:Oidc:ClientId is set without Access:Oidc:Authority; a good one is https://login.example.com/tenant.";
            }

            yield break;
        }

        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var authority) || !(authority.Scheme == "https" || (authority.Scheme == "http" && authority.IsLoopback)))
        {
            yield return "Access:Oidc:Authority must be an https address (http only on this machine); a good one is https://login.example.com/tenant.";
        }

        if (string.IsNullOrWhiteSpace(ClientId))
        {
            yield return "Access:Oidc:ClientId is missing; the provider gave it when this program was registered there, for example loyalty-dashboard.";
        }

        if (string.IsNullOrWhiteSpace(RoleClaim))
        {
            yield return "Access:Oidc:RoleClaim is empty; a good one is roles.";
        }

        string[] values = [Roles.Viewer, Roles.Operator, Roles.Administrator];
        if (values.Any(string.IsNullOrWhiteSpace) || values.Distinct(StringComparer.Ordinal).Count() < values.Length)
        {
            yield return "Access:Oidc:Roles must give each role a value of its own, for example Access:Oidc:Roles:Administrator = loyalty-admins.";
        }
    }
}
