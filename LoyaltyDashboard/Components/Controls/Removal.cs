using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Components.Controls;

/// <summary>Says of what is gone why it went; the time follows.</summary>
internal static class Removal
{
    /// <summary>The sentence, up to the time.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="what">What is gone, at the beginning of a sentence.</param>
    public static string Sentence(RemovalReason reason, string what) => reason switch
    {
        RemovalReason.Expired => $"{what} went when the time for personal data was over:",
        RemovalReason.Forgotten => $"{what} with a person who is to be forgotten went:",
        RemovalReason.Anonymized => $"{what} were kept out, for the event says that somebody asked to be made anonymous:",
        _ => $"{what} went:",
    };
}
