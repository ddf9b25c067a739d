using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Identity's accounts, with the program's clock for the lockout, tries counted by the database, so that of many at once each counts, and passwords looked at in turn.</summary>
public sealed class Accounts(
    IUserStore<Account> store, IOptions<IdentityOptions> options, IPasswordHasher<Account> hasher, IEnumerable<IUserValidator<Account>> users, IEnumerable<IPasswordValidator<Account>> passwords,
    ILookupNormalizer names, IdentityErrorDescriber errors, IServiceProvider services, ILogger<UserManager<Account>> logger, DashboardDb database, PasswordTurns turns, TimeProvider time)
    : UserManager<Account>(store, options, hasher, users, passwords, names, errors, services, logger)
{
    // The work that a wrong password takes, where there is none to compare it with: the time to answer must not tell such accounts apart.
    private static readonly Lazy<string> _nobodysPassword = new(() => new PasswordHasher<Account>().HashPassword(new(), Secret.Make()));

    /// <inheritdoc/>
    public override Task<bool> IsLockedOutAsync(Account user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return Task.FromResult(user.LockoutEnabled && user.LockoutEnd > time.GetUtcNow());
    }

    /// <inheritdoc/>
    public override async Task<IdentityResult> AccessFailedAsync(Account user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var lockout = Options.Lockout;
        DateTimeOffset? until = time.GetUtcNow() + lockout.DefaultLockoutTimeSpan;
        await database.Accounts.Where(a => a.Id == user.Id).ExecuteUpdateAsync(
            set => set.SetProperty(a => a.LockoutEnd, a => a.AccessFailedCount + 1 >= lockout.MaxFailedAccessAttempts ? until : a.LockoutEnd)
                .SetProperty(a => a.AccessFailedCount, a => a.AccessFailedCount + 1 >= lockout.MaxFailedAccessAttempts ? 0 : a.AccessFailedCount + 1), CancellationToken);
        await database.Entry(user).ReloadAsync(CancellationToken);
        return IdentityResult.Success;
    }

    /// <summary>Removes the key of the authenticator app and the recovery codes: the next second factor begins with new ones.</summary>
    public async Task ForgetSecondFactorAsync(Account user)
    {
        ArgumentNullException.ThrowIfNull(user);
        await database.Set<IdentityUserToken<long>>().Where(t => t.UserId == user.Id).ExecuteDeleteAsync(CancellationToken);

        // What is read already would be taken for what is there.
        foreach (var known in database.ChangeTracker.Entries<IdentityUserToken<long>>().ToList())
        {
            known.State = EntityState.Detached;
        }
    }

    /// <summary>Takes the time that looking at a password takes, and tells nothing.</summary>
    public async Task LookInVainAsync(string password)
    {
        using var turn = await turns.TakeAsync();
        PasswordHasher.VerifyHashedPassword(new(), _nobodysPassword.Value, password);
    }

    /// <summary>What is wrong with a password before it is set; nothing if it is good.</summary>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(Account user, string password)
    {
        List<string> faults = [];
        foreach (var validator in PasswordValidators)
        {
            faults.AddRange((await validator.ValidateAsync(this, user, password)).Errors.Select(e => e.Description));
        }

        return faults;
    }

    /// <inheritdoc/>
    protected override async Task<PasswordVerificationResult> VerifyPasswordAsync(IUserPasswordStore<Account> store, Account user, string password)
    {
        using var turn = await turns.TakeAsync();
        var result = await base.VerifyPasswordAsync(store, user, password);

        // Of many tries at once, those that waited for their turn meanwhile know nothing of a lock that the others brought. The right password takes as long as any.
        var until = await database.Accounts.Where(a => a.Id == user.Id).Select(a => a.LockoutEnd).FirstOrDefaultAsync(CancellationToken);
        return user.LockoutEnabled && until > time.GetUtcNow() ? PasswordVerificationResult.Failed : result;
    }
}
