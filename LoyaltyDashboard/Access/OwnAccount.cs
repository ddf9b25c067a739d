using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>What people change about their own way in. Each change is audited; what makes the way in another ends all sessions but the one at hand.</summary>
public sealed class OwnAccount(Accounts users, AccountSignIn signIn, Sessions sessions, CurrentUser user, FailedSignIns failed, AuditLog audit)
{
    /// <summary>Most passkeys of one account.</summary>
    public const int MostPasskeys = 20;

    /// <summary>Most letters of a passkey's name.</summary>
    public const int LongestName = 60;

    private const int RecoveryCodes = 10;

    /// <summary>The account; null for a key.</summary>
    public Task<Account?> FindAsync() => users.GetUserAsync(user.User);

    /// <summary>Sets another password.</summary>
    /// <returns>What is wrong; nothing when it is set.</returns>
    public async Task<IReadOnlyList<string>> ChangePasswordAsync(Account account, string current, string password, CancellationToken cancellation)
    {
        if (await users.IsLockedOutAsync(account))
        {
            return ["Too many wrong tries: the account is closed for a while. Try again in 15 minutes."];
        }

        if (!await users.CheckPasswordAsync(account, current))
        {
            await NoteWrongAsync(account);
            return ["The password of now is not right."];
        }

        if (await users.FaultsOfAsync(account, password) is { Count: > 0 } faults)
        {
            return faults;
        }

        await audit.AppendAsync(Entry(account, "changed the password"), cancellation);
        var result = await users.ChangePasswordAsync(account, current, password);
        if (!result.Succeeded)
        {
            return [.. result.Errors.Select(e => e.Description)];
        }

        await EndOthersAsync(account, cancellation);
        return [];
    }

    /// <summary>The key for an authenticator app; made when first asked for, and worth nothing until a code of it was given.</summary>
    public async Task<string> AuthenticatorKeyAsync(Account account)
    {
        if (await users.GetAuthenticatorKeyAsync(account) is { Length: > 0 } key)
        {
            return key;
        }

        await users.ResetAuthenticatorKeyAsync(account);
        return (await users.GetAuthenticatorKeyAsync(account))!;
    }

    /// <summary>What an authenticator app reads off a QR code.</summary>
    public static string AuthenticatorUri(Account account, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"otpauth://totp/LoyaltyDashboard:{Uri.EscapeDataString(account.Email ?? string.Empty)}?secret={key}&issuer=LoyaltyDashboard&digits=6");

    /// <summary>Turns the second factor on.</summary>
    /// <returns>The recovery codes, to be told once; null when the code or the password is wrong.</returns>
    public async Task<IReadOnlyList<string>?> TurnOnAsync(Account account, string code, string password, CancellationToken cancellation)
    {
        if (!await IsOwnerAsync(account, password) || !await users.VerifyTwoFactorTokenAsync(account, users.Options.Tokens.AuthenticatorTokenProvider, string.Concat(code.Where(char.IsAsciiDigit))))
        {
            return null;
        }

        await audit.AppendAsync(Entry(account, "turned the second factor on"), cancellation);
        Must(await users.SetTwoFactorEnabledAsync(account, true));
        var codes = await users.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes);
        await EndOthersAsync(account, cancellation);
        return [.. codes!];
    }

    /// <summary>Makes new recovery codes; those from before work no longer.</summary>
    /// <returns>The codes, to be told once; null when the password is wrong.</returns>
    public async Task<IReadOnlyList<string>?> NewRecoveryCodesAsync(Account account, string password, CancellationToken cancellation)
    {
        if (!await IsOwnerAsync(account, password))
        {
            return null;
        }

        await audit.AppendAsync(Entry(account, "made new recovery codes"), cancellation);
        return [.. (await users.GenerateNewTwoFactorRecoveryCodesAsync(account, RecoveryCodes))!];
    }

    /// <summary>How many recovery codes are left.</summary>
    public Task<int> RecoveryCodesLeftAsync(Account account) => users.CountRecoveryCodesAsync(account);

    /// <summary>Turns the second factor off, and makes its key and recovery codes worthless.</summary>
    /// <returns>Whether the password was right.</returns>
    public async Task<bool> TurnOffAsync(Account account, string password, CancellationToken cancellation)
    {
        if (!await IsOwnerAsync(account, password))
        {
            return false;
        }

        await audit.AppendAsync(Entry(account, "turned the second factor off"), cancellation);
        Must(await users.SetTwoFactorEnabledAsync(account, false));
        await users.ForgetSecondFactorAsync(account);
        await EndOthersAsync(account, cancellation);
        return true;
    }

    /// <summary>The passkeys, the oldest first.</summary>
    public async Task<IReadOnlyList<UserPasskeyInfo>> PasskeysAsync(Account account) => [.. (await users.GetPasskeysAsync(account)).OrderBy(p => p.CreatedAt)];

    /// <summary>Adds a passkey that the browser just made.</summary>
    /// <returns>Why not; null when it is added.</returns>
    public async Task<string?> AddPasskeyAsync(Account account, string credential, string name, string password, CancellationToken cancellation)
    {
        if (account.PasswordHash is null)
        {
            // It would go on signing in whom the provider no longer lets in.
            return "Your provider signs you in; a passkey belongs there.";
        }

        if (!await IsOwnerAsync(account, password))
        {
            return "The password is not right. Nothing was changed.";
        }

        if ((await users.GetPasskeysAsync(account)).Count >= MostPasskeys)
        {
            return $"An account has {MostPasskeys} passkeys at most. Remove one first.";
        }

        PasskeyAttestationResult made;
        try
        {
            made = await signIn.PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException)
        {
            return "That took too long. Try again.";
        }

        if (!made.Succeeded || made.UserEntity.Id != await users.GetUserIdAsync(account))
        {
            return "The browser's answer was not accepted. Try again.";
        }

        await audit.AppendAsync(Entry(account, "added a passkey"), cancellation);
        made.Passkey.Name = Named(name);
        return (await users.AddOrUpdatePasskeyAsync(account, made.Passkey)).Succeeded ? null : "This passkey could not be added. Try again.";
    }

    /// <summary>Gives a passkey another name.</summary>
    public async Task RenamePasskeyAsync(Account account, string id, string name, CancellationToken cancellation)
    {
        if (await PasskeyAsync(account, id) is { } passkey)
        {
            await audit.AppendAsync(Entry(account, "gave a passkey another name"), cancellation);
            passkey.Name = Named(name);
            await users.AddOrUpdatePasskeyAsync(account, passkey);
        }
    }

    /// <summary>Removes a passkey.</summary>
    public async Task RemovePasskeyAsync(Account account, string id, CancellationToken cancellation)
    {
        if (await PasskeyAsync(account, id) is { } passkey)
        {
            await audit.AppendAsync(Entry(account, "removed a passkey"), cancellation);
            await users.RemovePasskeyAsync(account, passkey.CredentialId);
            await EndOthersAsync(account, cancellation);
        }
    }

    /// <summary>Ends all sessions but the one at hand.</summary>
    public async Task SignOutElsewhereAsync(Account account, CancellationToken cancellation)
    {
        await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.SignOut, Detail: "everywhere else"), cancellation);
        await EndOthersAsync(account, cancellation);
    }

    private static string Named(string name) => name.Trim() is { Length: > 0 } given ? given[..Math.Min(LongestName, given.Length)] : "Passkey";

    private static AuditEntry Entry(Account account, string what) => new(Reader.ActorOf(account.Id), AuditAction.User, Reader.ActorOf(account.Id), what);

    private static void Must(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            // An administrator changed the account in this very moment.
            throw new InvalidOperationException(string.Join(" ", result.Errors.Select(e => e.Description)));
        }
    }

    // Whoever finds a browser signed in is not its owner for that. An account without a password is looked after by its provider.
    private async Task<bool> IsOwnerAsync(Account account, string password)
    {
        if (account.PasswordHash is null)
        {
            return false;
        }

        if (await users.IsLockedOutAsync(account))
        {
            return false;
        }

        var isOwner = await users.CheckPasswordAsync(account, password);
        if (!isOwner)
        {
            await NoteWrongAsync(account);
        }

        return isOwner;
    }

    // Whoever tries passwords at a browser that was left signed in is counted and audited as at the sign-in.
    private async Task NoteWrongAsync(Account account)
    {
        await users.AccessFailedAsync(account);
        await failed.NoteAsync(new(Reader.ActorOf(account.Id), await users.IsLockedOutAsync(account) ? AuditAction.LockedOut : AuditAction.SignInFailed, Reader.ActorOf(account.Id), "wrong password on the own page"));
    }

    private async Task<UserPasskeyInfo?> PasskeyAsync(Account account, string id)
    {
        // What is no such text is no passkey's.
        var all = await users.GetPasskeysAsync(account);
        return all.FirstOrDefault(p => Base64Url.EncodeToString(p.CredentialId) == id);
    }

    private async Task EndOthersAsync(Account account, CancellationToken cancellation)
    {
        // Who is thrown out has seen the key that was offered for a second factor, and is not to know the one that will be set up.
        if (!account.TwoFactorEnabled)
        {
            await users.ForgetSecondFactorAsync(account);
        }

        await sessions.EndAllAsync(account.Id, user.User.FindFirstValue(AccessClaims.Session), cancellation);
    }
}
