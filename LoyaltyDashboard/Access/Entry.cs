using System.Globalization;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>What came of a one-time link.</summary>
/// <param name="IsGone">The link works no longer: somebody was faster, or its time is over.</param>
/// <param name="Faults">What is wrong with what was typed; the link was not used up.</param>
/// <param name="IsSignedIn">The account is signed in; else it has a second factor, and signs in by it.</param>
public sealed record EntryResult(bool IsGone, IReadOnlyList<string> Faults, bool IsSignedIn);

/// <summary>One-time links, from the page that they lead to. What was typed is looked at first, so that a mistake does not cost the link; then the link is used up; then it does its work.</summary>
public sealed class Entry(Links links, Accounts users, AccountSignIn signIn, Sessions sessions, AccessDirectory directory, AuditLog audit, TimeProvider time)
{
    private static readonly EntryResult _gone = new(true, [], false);

    /// <summary>What a link would do; null when it works no longer, or never did.</summary>
    public async Task<OneTimeLinkRecord?> FindAsync(string secret, CancellationToken cancellation) =>
        await links.FindAsync(secret, cancellation) is { } link && (link.Purpose != LinkPurpose.Reset || await OwnerAsync(link) is not null) ? link : null;

    /// <summary>Whose password a link sets, for the page to name; null for links that make an account.</summary>
    public async Task<string?> AddressAsync(OneTimeLinkRecord link) => link.Purpose == LinkPurpose.Reset ? (await OwnerAsync(link))?.Email : null;

    /// <summary>Makes the account that a link is for, with its role and sites, and signs in.</summary>
    public async Task<EntryResult> CreateAsync(string secret, string email, string password, CancellationToken cancellation)
    {
        if (await FindAsync(secret, cancellation) is not { Purpose: LinkPurpose.Administrator or LinkPurpose.Invite } link)
        {
            return _gone;
        }

        email = email.Trim();
        var account = new Account { UserName = email, Email = email, EmailConfirmed = true, Role = link.Role, Sites = link.Sites, Created = time.GetUtcNow() };
        List<string> faults = [];
        foreach (var validator in users.UserValidators)
        {
            faults.AddRange((await validator.ValidateAsync(users, account)).Errors.Select(InWords));
        }

        faults.AddRange(await users.FaultsOfAsync(account, password));
        if (faults.Count > 0)
        {
            return new(false, [.. faults.Distinct()], false);
        }

        if (!await links.UseAsync(link, CancellationToken.None))
        {
            return _gone;
        }

        // From here on, whoever hangs up changes nothing.
        await audit.AppendAsync(new(Reader.Nobody.Actor, AuditAction.Link, null, $"used the link that makes an account; role {account.Role}, {ScopeWords.Of(account.Sites)}"), CancellationToken.None);
        if (await users.CreateAsync(account, password) is { Succeeded: false } result)
        {
            // Somebody took the address in this very moment.
            return new(true, [.. result.Errors.Select(InWords)], false);
        }

        await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.User, Reader.ActorOf(account.Id), "made by the link"), CancellationToken.None);
        await directory.ReloadAsync(CancellationToken.None);
        await signIn.SignInAsync(account, isPersistent: false, "link");
        return new(false, [], true);
    }

    /// <summary>Sets the password that a link is for, ends all sessions and passkeys of the account, and signs in where the password is all it takes.</summary>
    public async Task<EntryResult> SetPasswordAsync(string secret, string password, CancellationToken cancellation)
    {
        if (await FindAsync(secret, cancellation) is not { Purpose: LinkPurpose.Reset } link || await OwnerAsync(link) is not { } account)
        {
            return _gone;
        }

        if (await users.FaultsOfAsync(account, password) is { Count: > 0 } faults)
        {
            return new(false, faults, false);
        }

        if (!await links.UseAsync(link, CancellationToken.None))
        {
            return _gone;
        }

        await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.Link, Reader.ActorOf(account.Id), "used the link that sets a new password"), CancellationToken.None);
        (account.LockoutEnd, account.AccessFailedCount) = (null, 0);
        account.PasswordHash = users.PasswordHasher.HashPassword(account, password);
        if (await users.UpdateSecurityStampAsync(account) is { Succeeded: false })
        {
            // An administrator changed the account in this very moment.
            return new(true, ["The account was changed meanwhile, and the password is not set."], false);
        }

        // Whoever had the account before it was taken back may have left a passkey, or know the key of a second factor to come.
        foreach (var passkey in await users.GetPasskeysAsync(account))
        {
            await users.RemovePasskeyAsync(account, passkey.CredentialId);
        }

        if (!account.TwoFactorEnabled)
        {
            await users.ForgetSecondFactorAsync(account);
        }

        await sessions.EndAllAsync(account.Id, cancellation: CancellationToken.None);
        if (account.TwoFactorEnabled)
        {
            return new(false, [], false);
        }

        await signIn.SignInAsync(account, isPersistent: false, "link");
        return new(false, [], true);
    }

    private async Task<Account?> OwnerAsync(OneTimeLinkRecord link) =>
        link.AccountId is { } id && await users.FindByIdAsync(id.ToString(CultureInfo.InvariantCulture)) is { Disabled: null } account ? account : null;

    // The e-mail address is the name; to hear of both would be to hear of one thing twice.
    private string InWords(IdentityError error) => error.Code switch
    {
        nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName) => "There is an account with this e-mail address already. Sign in with it, or take another address. Where its password is lost, an administrator makes a link for a new one on the settings page.",
        nameof(IdentityErrorDescriber.InvalidEmail) or nameof(IdentityErrorDescriber.InvalidUserName) => "This is no e-mail address that can be used; a good one is ops@example.com.",
        _ => error.Description,
    };
}
