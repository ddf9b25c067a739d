using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Sign-ins. Each gets a secret of its own, so one from before a sign-in is worth nothing after it; it ends on the server, so a copy of the cookie ends with it.
/// </summary>
public sealed class Sessions(IDbContextFactory<DashboardDb> databases, AccessDirectory directory, TimeProvider time)
{
    /// <summary>Longest time from sign-in to the next, however busy.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <summary>Longest time without a request; an open page makes none.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromHours(12);

    /// <summary>Begins one.</summary>
    /// <returns>The secret for the cookie.</returns>
    public async Task<string> BeginAsync(long accountId, CancellationToken cancellation = default)
    {
        var secret = Secret.Make();
        var now = time.GetUtcNow();
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            await database.Sessions.Where(s => s.Expires <= now).ExecuteDeleteAsync(cancellation);
            database.Sessions.Add(new() { Hash = Secret.Hash(secret), AccountId = accountId, Begun = now, Expires = now + Longest });
            await database.SaveChangesAsync(cancellation);
            await database.Accounts.Where(a => a.Id == accountId).ExecuteUpdateAsync(set => set.SetProperty(a => a.LastSignIn, now), cancellation);
        }

        await directory.ReloadAsync(CancellationToken.None);
        return secret;
    }

    /// <summary>Ends one.</summary>
    public async Task EndAsync(string secret, CancellationToken cancellation = default)
    {
        var hash = Secret.Hash(secret);
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            await database.Sessions.Where(s => s.Hash == hash).ExecuteDeleteAsync(cancellation);
        }

        await directory.ReloadAsync(CancellationToken.None);
    }

    /// <summary>Ends all of an account's, but for one.</summary>
    public async Task EndAllAsync(long accountId, string? except = null, CancellationToken cancellation = default)
    {
        var kept = except is null ? [] : Secret.Hash(except);
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            await database.Sessions.Where(s => s.AccountId == accountId && s.Hash != kept).ExecuteDeleteAsync(cancellation);
        }

        await directory.ReloadAsync(CancellationToken.None);
    }
}
