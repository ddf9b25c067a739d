using System.Globalization;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>Looking after the keys of scripts: an administrator's work, and like <see cref="People"/> it takes all sites. Each change is audited before it is made.</summary>
public sealed class KeyAdministration(ApiKeys keys, AuditLog audit)
{
    /// <summary>Most letters of a key's name.</summary>
    public const int LongestName = 100;

    /// <summary>All, the newest first, revoked ones too.</summary>
    public Task<IReadOnlyList<ApiKeyRecord>> ListAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        return keys.ListAsync(cancellation);
    }

    /// <summary>Makes one.</summary>
    /// <returns>The key, to be told once; or why not.</returns>
    public async Task<(string? Key, string? Fault)> MakeAsync(Reader reader, string name, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        name = name.Trim();
        if (name.Length is 0 or > LongestName)
        {
            return (null, $"Say what the key is for, in 1 to {LongestName} characters: nightly-report is a good name.");
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Key, null, $"made {name}: role {role}, {ScopeWords.Of(sites)}"), cancellation);
        var (key, rowId) = await keys.MakeAsync(name, role, sites, cancellation);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Key, Subject(rowId), $"is the key {name}"), cancellation);
        return (key, null);
    }

    /// <summary>Revokes one.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public async Task<string?> RevokeAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Key, Subject(rowId), "revoked"), cancellation);
        if (await keys.RevokeAsync(rowId, cancellation))
        {
            return null;
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Key, Subject(rowId), "not done: revoked"), CancellationToken.None);
        return "This key is revoked already, or stands in the configuration: take it out of Access:ApiKeys and start again.";
    }

    private static string Subject(long rowId) => string.Create(CultureInfo.InvariantCulture, $"key:{rowId}");
}
