using System.Globalization;

namespace LoyaltyDashboard.Imports;

/// <summary>What a cell must look like for Wix to take it. Judges by form alone.</summary>
public static class CellRules
{
    /// <summary>Whether a cell has the form of an e-mail address: one @, something before it, a dotted name after it. Letters of any script pass.</summary>
    public static bool LooksLikeEmail(string cell)
    {
        var at = cell.LastIndexOf('@');
        if (at < 1 || at > 64 || cell.Length > 254 || cell.IndexOf('@') != at)
        {
            return false;
        }

        ReadOnlySpan<char> local = cell.AsSpan(0, at), domain = cell.AsSpan(at + 1);
        if (!IsDotted(local) || !IsDotted(domain) || !domain.Contains('.'))
        {
            return false;
        }

        foreach (var letter in local)
        {
            if (char.IsWhiteSpace(letter) || char.IsControl(letter) || "()<>[],;:\\\"".Contains(letter))
            {
                return false;
            }
        }

        foreach (var letter in domain)
        {
            if (!char.IsLetterOrDigit(letter) && !char.IsSurrogate(letter) && letter is not ('.' or '-') && char.GetUnicodeCategory(letter) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
            {
                return false;
            }
        }

        // A name that ends in digits only is an address of a machine, or a decimal number.
        return domain[(domain.LastIndexOf('.') + 1)..].ContainsAnyExceptInRange('0', '9');
    }

    /// <summary>Whether a cell is a whole number of points: plain digits, no sign, separator, exponent or currency.</summary>
    public static bool LooksLikePoints(string cell) => cell.Length is > 0 and <= 15 && !cell.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsDotted(ReadOnlySpan<char> text) => text.Length > 0 && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal);
}
