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

        // .NET's invariant casing changes letters one by one and leaves these: an eszett is two letters, and a Turkish I keeps its dot as a mark of its own.
        return composed
            .Replace("ß", "ss", StringComparison.Ordinal).Replace("ẞ", "ss", StringComparison.Ordinal)
            .Replace("İ", "i", StringComparison.Ordinal).Replace("i\u0307", "i", StringComparison.Ordinal)
            .ToUpperInvariant().ToLowerInvariant();
    }
}
