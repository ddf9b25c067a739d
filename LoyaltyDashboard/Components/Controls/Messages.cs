using MudBlazor;

namespace LoyaltyDashboard.Components.Controls;

/// <summary>Short messages at the edge of the page.</summary>
internal static class Messages
{
    /// <summary>Shows a message in place of the one before it, so that it always tells of what was done last.</summary>
    public static void Say(this ISnackbar snackbar, string message, Severity severity)
    {
        snackbar.Clear();
        snackbar.Add(message, severity);
    }
}
