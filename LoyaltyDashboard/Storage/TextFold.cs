using System.Text;

namespace LoyaltyDashboard.Storage;

/// <summary>Folds text for search: compatibility form, then invariant upper case to lower case, so that "ＳＴＲＡＳＳＥ", "straße" and "strasse" meet.</summary>
public static class TextFold
{
    /// <summary>The folded text. Ill-formed UTF-16 is folded by case only.</summary>
    public static string Fold(string text)
    {
        string composed;
        try
        {
            composed = text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            composed = text;
        }

        // Letters whose folded form is longer than they are; .NET's invariant casing changes single letters alone.
        return composed.Replace("ß", "ss", StringComparison.Ordinal).Replace("ẞ", "ss", StringComparison.Ordinal).Replace("İ", "i\u0307", StringComparison.Ordinal).Replace("i\u0307", "i", StringComparison.Ordinal)
            .ToUpperInvariant().ToLowerInvariant();
    }
}
