using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Identity's accounts, with the program's clock for the lockout, and tries counted by the database: of many at once, each counts.</summary>
public sealed class Accounts(
    IUserStore<Account> store, IOptions<IdentityOptions> options, IPasswordHasher<Account> hasher, IEnumerable<IUserValidator<Account>> users, IEnumerable<IPasswordValidator<Account>> passwords,
    ILookupNormalizer names, IdentityErrorDescriber errors, IServiceProvider services, ILogger<UserManager<Account>> logger, DashboardDb database, TimeProvider time)
    : UserManager<Account>(store, options, hasher, users, passwords, names, errors, services, logger)
{
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
}
