using System.Text;

namespace LoyaltyDashboard.Storage;

/// <summary>Folds text for search: compatibility form, then invariant upper case to lower case, so that "ＳＴＲＡＳＳＥ" and "strasse" meet.</summary>
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

        return composed.ToUpperInvariant().ToLowerInvariant();
    }
}
