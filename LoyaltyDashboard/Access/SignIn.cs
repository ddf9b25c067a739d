using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>What came of a try to sign in.</summary>
public enum SignInOutcome
{
    /// <summary>No; whether there is such an account, whether it is locked or shut, is not said.</summary>
    Refused,

    /// <summary>Signed in.</summary>
    Done,

    /// <summary>The password is right; now the second factor.</summary>
    SecondFactor,
}

/// <summary>The ways in for people. Good ones are audited where the session begins, by <see cref="SessionCookie"/>; the others here, also when whoever tries hangs up.</summary>
public sealed class SignIn(AccountSignIn signIn, Accounts users, FailedSignIns failed, UsedCodes usedCodes, AuditLog audit, PersonalHash hashes)
{
    private const int DigitsOfCode = 6;

    // As Identity makes them: ABCDE-FGHJK.
    private const int HalfOfRecoveryCode = 5;

    /// <summary>By e-mail address and password.</summary>
    public async Task<SignInOutcome> WithPasswordAsync(string email, string password)
    {
        var account = await users.FindByNameAsync(email.Trim());
        if (account?.PasswordHash is null || !await signIn.CanSignInAsync(account) || await users.IsLockedOutAsync(account))
        {
            await users.LookInVainAsync(password);
        }

        // Identity does not look at the password of an account that is shut or locked.
        return await AnswerAsync(
            account?.PasswordHash is null ? SignInResult.Failed : await signIn.PasswordSignInAsync(account, password, isPersistent: false, lockoutOnFailure: true), account, $"tried {hashes.Of(email)}");
    }

    /// <summary>Who gave the right password and has still to give a code; null: nobody, or it took too long.</summary>
    public Task<Account?> AwaitedAsync() => signIn.GetTwoFactorAuthenticationUserAsync();

    /// <summary>By the code of an authenticator app, after the password.</summary>
    public async Task<SignInOutcome> WithCodeAsync(string code)
    {
        if (await AwaitedAsync() is not { } account)
        {
            return SignInOutcome.Refused;
        }

        // Identity compares numbers: with a zero before it, a code would be another text and the same code.
        var digits = Digits(code);
        if (digits.Length != DigitsOfCode)
        {
            return await WrongCodeAsync(account, "wrong code");
        }

        // Taken before it is looked at: of two who give the same code at once, one comes in.
        if (!usedCodes.TryTake(account.Id, digits))
        {
            return await WrongCodeAsync(account, "code that was used before");
        }

        return await AnswerAsync(await signIn.TwoFactorAuthenticatorSignInAsync(digits, isPersistent: false, rememberClient: false), account, "wrong code");
    }

    /// <summary>By one of the recovery codes, after the password.</summary>
    public async Task<SignInOutcome> WithRecoveryCodeAsync(string code)
    {
        if (await AwaitedAsync() is not { } account)
        {
            return SignInOutcome.Refused;
        }

        if (await users.IsLockedOutAsync(account))
        {
            return await AnswerAsync(SignInResult.LockedOut, account, "locked");
        }

        var result = await signIn.TwoFactorRecoveryCodeSignInAsync(AsPrinted(code));
        if (result.Succeeded)
        {
            await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.User, Subject(account), $"used a recovery code; {await users.CountRecoveryCodesAsync(account)} left"), CancellationToken.None);
            return SignInOutcome.Done;
        }

        // Identity counts wrong passwords and codes, but not these.
        return await WrongCodeAsync(account, "wrong recovery code");
    }

    /// <summary>By a passkey, which is both factors in one.</summary>
    public async Task<SignInOutcome> WithPasskeyAsync(string credential)
    {
        PasskeyAssertionResult<Account> found;
        try
        {
            found = await signIn.PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException)
        {
            // Nothing was asked of this browser, or too long ago.
            return await AnswerAsync(SignInResult.Failed, null, "passkey without a question");
        }

        if (!found.Succeeded)
        {
            return await AnswerAsync(SignInResult.Failed, null, "passkey not accepted");
        }

        // Wrong passwords lock an account, and nobody's wrong passwords are to keep its owner out who needs none.
        if (!await signIn.CanSignInAsync(found.User))
        {
            return await AnswerAsync(SignInResult.NotAllowed, found.User, "passkey of a shut account");
        }

        await users.AddOrUpdatePasskeyAsync(found.User, found.Passkey);
        await signIn.SignInAsync(found.User, isPersistent: false, "passkey");
        return SignInOutcome.Done;
    }

    private async Task<SignInOutcome> AnswerAsync(SignInResult result, Account? account, string detail)
    {
        if (result.Succeeded)
        {
            return SignInOutcome.Done;
        }

        if (result.RequiresTwoFactor)
        {
            return SignInOutcome.SecondFactor;
        }

        await failed.NoteAsync(new(Reader.Nobody.Actor, result.IsLockedOut ? AuditAction.LockedOut : AuditAction.SignInFailed, Subject(account), detail));
        return SignInOutcome.Refused;
    }

    // What Identity does not look at counts all the same.
    private async Task<SignInOutcome> WrongCodeAsync(Account account, string detail)
    {
        await users.AccessFailedAsync(account);
        return await AnswerAsync(await users.IsLockedOutAsync(account) ? SignInResult.LockedOut : SignInResult.Failed, account, detail);
    }

    private static string? Subject(Account? account) => account is null ? null : Reader.ActorOf(account.Id);

    // However it was typed: in small letters, without the dash, with spaces.
    private static string AsPrinted(string code)
    {
        var letters = string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return letters.Length == 2 * HalfOfRecoveryCode ? $"{letters[..HalfOfRecoveryCode]}-{letters[HalfOfRecoveryCode..]}" : letters;
    }

    private static string Digits(string code) => string.Concat(code.Where(char.IsAsciiDigit));
}
