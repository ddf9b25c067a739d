using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Text as it is searched, and as it is searched for: folded, and every address masked, for everybody. So nobody can find by letters that they may not see, and whoever asks for a
/// whole address finds what shows like it.
/// </summary>
public static class SearchedText
{
    /// <summary>The text to store, or to compare with what is stored.</summary>
    public static string Of(string text) => Mask.Text(TextFold.Fold(text));
}
