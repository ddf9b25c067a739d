using System.Globalization;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;

namespace LoyaltyDashboard.Access;

/// <summary>Somebody who signs in, as an administrator sees them.</summary>
/// <param name="Id">Row.</param>
/// <param name="Email">Address.</param>
/// <param name="Role">What they may do while the account is open.</param>
/// <param name="Sites">Their sites; null: all.</param>
/// <param name="LastSignIn">When they last signed in; null: never.</param>
/// <param name="HasSecondFactor">Whether a password alone does not sign them in.</param>
/// <param name="Passkeys">How many passkeys they have.</param>
/// <param name="Provider">Who signs them in, if not this program.</param>
/// <param name="IsShut">Whether an administrator shut the account.</param>
/// <param name="IsLocked">Whether too many wrong tries closed it for a while.</param>
/// <param name="IsYou">Whether it is the one who asks.</param>
public sealed record Person(long Id, string Email, Role Role, IReadOnlyList<string>? Sites, DateTimeOffset? LastSignIn, bool HasSecondFactor, int Passkeys, string? Provider, bool IsShut, bool IsLocked, bool IsYou);

/// <summary>
/// Looking after people: an administrator's work. Whoever sees some sites alone could give themselves the others by it, so it takes all sites. Each change is audited before it is made,
/// and holds from the moment it is said to be done. One administrator of all sites is always left who can sign in.
/// </summary>
public sealed class People(IDbContextFactory<DashboardDb> databases, AccessDirectory directory, Sessions sessions, Links links, AuditLog audit, TimeProvider time)
{
    private const string LastOne = "This is the last administrator of all sites who can sign in. Make another one first.";
    private const string Gone = "There is no such account any more.";

    /// <summary>All, by address.</summary>
    public async Task<IReadOnlyList<Person>> ListAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var rows = await database.Accounts.AsNoTracking().OrderBy(a => a.NormalizedEmail).Select(a => new
        {
            Account = a,
            Passkeys = database.Set<IdentityUserPasskey<long>>().Count(p => p.UserId == a.Id),
            Provider = database.Set<IdentityUserLogin<long>>().Where(l => l.UserId == a.Id).Select(l => l.ProviderDisplayName).FirstOrDefault(),
        }).ToListAsync(cancellation);
        return [.. rows.Select(r => new Person(r.Account.Id, r.Account.Email ?? string.Empty, r.Account.Role, r.Account.Sites, r.Account.LastSignIn, r.Account.TwoFactorEnabled, r.Passkeys, r.Provider,
            r.Account.Disabled is not null, r.Account.LockoutEnd > now, Reader.ActorOf(r.Account.Id) == reader.Actor))];
    }

    /// <summary>The sites there are, by name, to choose from; no more than 10,000.</summary>
    public async Task<IReadOnlyList<(string InstanceId, string? Name)>> SitesAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var sites = await database.Sites.AsNoTracking().OrderBy(s => s.Name == null).ThenBy(s => s.FoldedName).Select(s => new { s.InstanceId, s.Name }).Take(MostSites).ToListAsync(cancellation);
        return [.. sites.Where(s => s.InstanceId is not null).Select(s => (s.InstanceId!, s.Name))];
    }

    /// <summary>Makes a link by which somebody makes an account.</summary>
    /// <returns>The link's path, to be told once.</returns>
    public async Task<string> InviteAsync(Reader reader, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Link, null, $"made a link that invites somebody as {role}, {ScopeWords.Of(sites)}"), cancellation);
        return await links.ForInviteAsync(reader.Actor, role, sites, cancellation);
    }

    /// <summary>Makes a link that sets a new password.</summary>
    /// <returns>The link's path, to be told once; null when there is no such account that is open and signs in by password.</returns>
    public async Task<string?> ResetLinkAsync(Reader reader, long id, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        if (directory.Account(id) is not { Role: not Role.None })
        {
            return null;
        }

        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            // A password would go on signing in whom the provider no longer lets in.
            if (await database.Set<Microsoft.AspNetCore.Identity.IdentityUserLogin<long>>().AnyAsync(l => l.UserId == id, cancellation))
            {
                return null;
            }
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Link, Reader.ActorOf(id), "made a link that sets a new password"), cancellation);
        return await links.ForResetAsync(reader.Actor, id, cancellation);
    }

    /// <summary>The links that work, the newest first.</summary>
    public Task<IReadOnlyList<OneTimeLinkRecord>> LinksAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        return links.OpenAsync(cancellation);
    }

    /// <summary>Takes a link back.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public async Task<string?> RevokeLinkAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Link, string.Create(CultureInfo.InvariantCulture, $"link:{rowId}"), "revoked"), cancellation);
        if (await links.RevokeAsync(rowId, cancellation))
        {
            return null;
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Link, string.Create(CultureInfo.InvariantCulture, $"link:{rowId}"), "not done: revoked"), CancellationToken.None);
        return "This link was used already, or somebody else revoked it.";
    }

    /// <summary>Gives another role, or other sites. Open pages of theirs load anew with them.</summary>
    /// <returns>Why not; null when it is done.</returns>
    public Task<string?> ChangeAsync(Reader reader, long id, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation)
    {
        var list = sites?.ToList();
        return DoAsync(reader, id, $"role {role}, {ScopeWords.Of(sites)}", role == Role.Administrator && sites is null,
            set => set.SetProperty(a => a.Role, role).SetProperty(a => a.Sites, list), endsSessions: false, cancellation);
    }

    /// <summary>Shuts an account: its sessions end, and nobody signs in with it until it is opened.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<string?> ShutAsync(Reader reader, long id, CancellationToken cancellation)
    {
        DateTimeOffset? now = time.GetUtcNow();
        return DoAsync(reader, id, "shut", keepsAdministrator: false, set => set.SetProperty(a => a.Disabled, now), endsSessions: true, cancellation);
    }

    /// <summary>Opens an account that was shut, or closed after too many wrong tries.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<string?> OpenAsync(Reader reader, long id, CancellationToken cancellation) =>
        DoAsync(reader, id, "opened", keepsAdministrator: true,
            set => set.SetProperty(a => a.Disabled, (DateTimeOffset?)null).SetProperty(a => a.LockoutEnd, (DateTimeOffset?)null).SetProperty(a => a.AccessFailedCount, 0), endsSessions: false, cancellation);

    /// <summary>Takes the second factor away, for somebody who lost it, and with it its key and recovery codes: whoever found them has nothing of the next one.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<string?> TakeSecondFactorAsync(Reader reader, long id, CancellationToken cancellation) =>
        DoAsync(reader, id, "second factor taken away", keepsAdministrator: true, set => set.SetProperty(a => a.TwoFactorEnabled, false), endsSessions: true, cancellation, endsSecondFactor: true);

    /// <summary>Removes an account and all that hangs on it. What it did stays in the audit log.</summary>
    /// <inheritdoc cref="ChangeAsync"/>
    public Task<string?> RemoveAsync(Reader reader, long id, CancellationToken cancellation) =>
        DoAsync(reader, id, "removed", keepsAdministrator: false, null, endsSessions: true, cancellation);

    private const int MostSites = 10_000;

    private async Task<string?> DoAsync(Reader reader, long id, string what, bool keepsAdministrator, Action<UpdateSettersBuilder<Account>>? change, bool endsSessions, CancellationToken cancellation, bool endsSecondFactor = false)
    {
        reader.DemandOfAllSites(Role.Administrator);
        if (directory.Account(id) is null)
        {
            return Gone;
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.User, Reader.ActorOf(id), what), cancellation);
        int changed;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            // In one statement: of two administrators who shut each other at once, one stays.
            var others = database.Accounts.Where(o => o.Id != id && o.Role == Role.Administrator && o.Sites == null && o.Disabled == null && (o.PasswordHash != null
                || database.Set<IdentityUserPasskey<long>>().Any(p => p.UserId == o.Id) || database.Set<IdentityUserLogin<long>>().Any(l => l.UserId == o.Id)));
            var chosen = database.Accounts.Where(a => a.Id == id);
            var allowed = keepsAdministrator ? chosen : chosen.Where(a => a.Role != Role.Administrator || a.Sites != null || a.Disabled != null || others.Any());

            // Identity writes an account whole. With another stamp, a request that read it before cannot bring back what stood there.
            var stamp = Guid.NewGuid().ToString();
            changed = change is null
                ? await allowed.ExecuteDeleteAsync(cancellation)
                : await allowed.ExecuteUpdateAsync(
                    set =>
                    {
                        change(set);
                        set.SetProperty(a => a.ConcurrencyStamp, stamp);
                    },
                    cancellation);
            if (endsSecondFactor && changed > 0)
            {
                await database.Set<IdentityUserToken<long>>().Where(t => t.UserId == id).ExecuteDeleteAsync(CancellationToken.None);
            }
        }

        if (changed == 0)
        {
            await audit.AppendAsync(new(reader.Actor, AuditAction.User, Reader.ActorOf(id), $"not done: {what}"), cancellation);
            return directory.Account(id) is null ? Gone : LastOne;
        }

        try
        {
            if (endsSessions)
            {
                await sessions.EndAllAsync(id, cancellation: CancellationToken.None);
            }
        }
        finally
        {
            // Also where the sessions could not be ended: the account has no role any more.
            await directory.ReloadAsync(CancellationToken.None);
        }

        return null;
    }
}
