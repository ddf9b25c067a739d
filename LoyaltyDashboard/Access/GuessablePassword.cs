using System.Text;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>Refuses passwords that are long, and guessed first all the same: those that turn up in leaks, also with figures and signs around or in place of letters, and those that only repeat or count.</summary>
public sealed class GuessablePassword : IPasswordValidator<Account>
{
    private const int ShortestName = 4;
    private const int LongestRepeated = 4;

    // Signs that stand for letters, and the letters.
    private const string Signs = "0134578@$!";
    private const string Letters = "oieastbasi";

    /// <inheritdoc/>
    public Task<IdentityResult> ValidateAsync(UserManager<Account> manager, Account user, string? password)
    {
        ArgumentNullException.ThrowIfNull(user);
        return Task.FromResult(FaultOf(password ?? string.Empty, user.Email) is { } fault ? IdentityResult.Failed(new IdentityError { Code = nameof(GuessablePassword), Description = fault }) : IdentityResult.Success);
    }

    /// <summary>What is wrong with it and the mend; null if nothing.</summary>
    internal static string? FaultOf(string password, string? email)
    {
        var text = password.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        if (email?.Split('@')[0].ToLowerInvariant() is { Length: >= ShortestName } name && text.Contains(name, StringComparison.Ordinal))
        {
            return "This password holds the name in your e-mail address, which is tried first. Leave it out.";
        }

        if (Counts(text) || Repeated(text) is { Length: <= LongestRepeated })
        {
            return "This password only repeats or counts. Take a few words that do not belong together.";
        }

        return IsKnown(text) ? "This password is among those that turn up in leaks, and is tried first. Take a few words that do not belong together." : null;
    }

    private static bool IsKnown(string text)
    {
        // The whole, what it repeats, and each of them without the figures and signs around it.
        HashSet<string> forms = new(StringComparer.Ordinal);
        foreach (var form in (string[])[text, Repeated(text) ?? text, text.Replace(" ", string.Empty, StringComparison.Ordinal)])
        {
            forms.UnionWith([form, Core(form), Spelled(form), Core(Spelled(Core(form)))]);
        }

        // A password is set now and then: the list is read through and not kept.
        using var list = new StreamReader(typeof(GuessablePassword).Assembly.GetManifestResourceStream("KnownPasswords.txt")!);
        while (list.ReadLine() is { } known)
        {
            if (forms.Contains(known))
            {
                return true;
            }
        }

        return false;
    }

    // From the first letter to the last.
    private static string Core(string text)
    {
        var (first, last) = (text.Length, -1);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsLetter(text[i]))
            {
                (first, last) = (Math.Min(first, i), i);
            }
        }

        return last < first ? text : text[first..(last + 1)];
    }

    private static string Spelled(string text) => string.Concat(text.Select(sign => Signs.IndexOf(sign, StringComparison.Ordinal) is >= 0 and var at ? Letters[at] : sign));

    // The shortest part that makes the whole by repetition, the last time perhaps cut short; null if there is none.
    private static string? Repeated(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            if (!text.Where((sign, at) => sign != text[at % length]).Any())
            {
                return text[..length];
            }
        }

        return null;
    }

    // Up, down, and over from 9 to 0.
    private static bool Counts(string text) => ((int[])[1, -1]).Any(step => text.Length > 1 && text.Zip(text.Skip(1)).All(pair => pair.Second - pair.First == step || (char.IsAsciiDigit(pair.First) && char.IsAsciiDigit(pair.Second) && (pair.Second - pair.First + 10) % 10 == (step + 10) % 10)));
}

/// <summary>What Identity finds wrong, in this program's words: the fault and the mend.</summary>
public sealed class AccountWords : IdentityErrorDescriber
{
    /// <inheritdoc/>
    public override IdentityError PasswordTooShort(int length) => new() { Code = nameof(PasswordTooShort), Description = $"This password is too short. Take {length} characters or more: a few words in a row are good." };

    /// <inheritdoc/>
    public override IdentityError PasswordRequiresUniqueChars(int uniqueChars) => new() { Code = nameof(PasswordRequiresUniqueChars), Description = "This password only repeats. Take a few words that do not belong together." };
}
