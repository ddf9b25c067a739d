using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Access;

/// <summary>Links that work once, for a while, and only while whoever made them is an administrator of all sites. What is kept of one is the hash of its secret.</summary>
public sealed class Links(IDbContextFactory<DashboardDb> databases, TimeProvider time)
{
    /// <summary>Where they lead; the secret follows.</summary>
    public const string Path = "/enter/";

    /// <summary>How long one for an administrator works, which is printed on a console.</summary>
    public static readonly TimeSpan AdministratorLength = TimeSpan.FromMinutes(15);

    /// <summary>How long one works that has to reach somebody.</summary>
    public static readonly TimeSpan InviteLength = TimeSpan.FromDays(3);

    /// <summary>How long one for a new password works.</summary>
    public static readonly TimeSpan ResetLength = TimeSpan.FromHours(24);

    /// <summary>Makes one that makes an administrator. Those made before for the same work no longer.</summary>
    /// <returns>Its path, secret and all.</returns>
    public Task<string> ForAdministratorAsync(CancellationToken cancellation) =>
        MakeAsync(new() { Hash = [], Purpose = LinkPurpose.Administrator, Role = Role.Administrator }, AdministratorLength, l => l.Purpose == LinkPurpose.Administrator, cancellation);

    /// <summary>Makes one that makes an account.</summary>
    /// <param name="madeBy">Who makes it: <see cref="Reader.Actor"/>; null: whoever holds the machine.</param>
    /// <param name="role">The role of the account.</param>
    /// <param name="sites">Its sites; null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its path, secret and all.</returns>
    public Task<string> ForInviteAsync(string? madeBy, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation) =>
        MakeAsync(new() { Hash = [], Purpose = LinkPurpose.Invite, MadeBy = madeBy, Role = role, Sites = sites?.ToList() }, InviteLength, null, cancellation);

    /// <summary>Makes one that sets an account's password. Those made before for it work no longer.</summary>
    /// <param name="madeBy">Who makes it: <see cref="Reader.Actor"/>; null: whoever holds the machine.</param>
    /// <param name="accountId">Whose password.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Its path, secret and all.</returns>
    public Task<string> ForResetAsync(string? madeBy, long accountId, CancellationToken cancellation) =>
        MakeAsync(new() { Hash = [], Purpose = LinkPurpose.Reset, MadeBy = madeBy, AccountId = accountId }, ResetLength, l => l.Purpose == LinkPurpose.Reset && l.AccountId == accountId, cancellation);

    /// <summary>What a link would do, without using it; null when it works no longer, or never did.</summary>
    public async Task<OneTimeLinkRecord?> FindAsync(string secret, CancellationToken cancellation)
    {
        var (hash, now) = (Secret.Hash(secret), time.GetUtcNow());
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Open(database, now).AsNoTracking().FirstOrDefaultAsync(l => l.Hash == hash, cancellation);
    }

    /// <summary>Uses a link up. Of all who try, one is told true.</summary>
    public async Task<bool> UseAsync(OneTimeLinkRecord link, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Open(database, now).Where(l => l.RowId == link.RowId).ExecuteUpdateAsync(set => set.SetProperty(l => l.Used, now), cancellation) == 1;
    }

    /// <summary>All that work, the newest first.</summary>
    public async Task<IReadOnlyList<OneTimeLinkRecord>> OpenAsync(CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Open(database, time.GetUtcNow()).AsNoTracking().OrderByDescending(l => l.RowId).ToListAsync(cancellation);
    }

    /// <summary>Takes one back.</summary>
    /// <returns>Whether it was not used yet.</returns>
    public async Task<bool> RevokeAsync(long rowId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Links.Where(l => l.RowId == rowId && l.Used == null).ExecuteDeleteAsync(cancellation) == 1;
    }

    // Asked of the database in the very statement that uses one up: a link must not outlive the right to make it, and whoever lost it could come back by one.
    private static IQueryable<OneTimeLinkRecord> Open(DashboardDb database, DateTimeOffset now) => database.Links.Where(l => l.Used == null && l.Expires > now
        && (l.MadeBy == null
            || database.Accounts.Any(a => l.MadeBy == "user:" + a.Id && a.Role == Role.Administrator && a.Sites == null && a.Disabled == null)
            || database.ApiKeys.Any(k => l.MadeBy == "key:" + k.RowId && k.Role == Role.Administrator && k.Sites == null && k.Revoked == null)));

    private async Task<string> MakeAsync(OneTimeLinkRecord link, TimeSpan length, System.Linq.Expressions.Expression<Func<OneTimeLinkRecord, bool>>? replaced, CancellationToken cancellation)
    {
        var secret = Secret.Make();
        var now = time.GetUtcNow();
        (link.Hash, link.Created, link.Expires) = (Secret.Hash(secret), now, now + length);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (replaced is not null)
        {
            await database.Links.Where(replaced).Where(l => l.Used == null).ExecuteDeleteAsync(cancellation);
        }

        database.Links.Add(link);
        await database.SaveChangesAsync(cancellation);
        return Path + secret;
    }
}
