using MudBlazor;

namespace LoyaltyDashboard.Components.Settings;

/// <summary>The dialogs of the settings, one line each.</summary>
internal static class SettingsDialogs
{
    private static readonly DialogOptions _options = new() { CloseOnEscapeKey = true, MaxWidth = MaxWidth.Small, FullWidth = true };

    // What is told once is not lost to a stray key.
    private static readonly DialogOptions _kept = new() { CloseOnEscapeKey = false, BackdropClick = false, MaxWidth = MaxWidth.Small, FullWidth = true };

    /// <summary>Asks for a role and sites.</summary>
    public static Task AskAsync(this IDialogService dialogs, string title, string confirm, Choice choice, IReadOnlyList<(string InstanceId, string? Name)> known, Func<Choice, Task<string?>> work, string? nameLabel = null) =>
        ShowAsync<ChoiceDialog>(dialogs, title, _options, new()
        {
            { d => d.Title, title }, { d => d.Confirm, confirm }, { d => d.Choice, choice }, { d => d.Known, known }, { d => d.Do, work }, { d => d.NameLabel, nameLabel },
        });

    /// <summary>Shows what is told once.</summary>
    public static Task TellAsync(this IDialogService dialogs, string title, string text, string label, string secret) =>
        ShowAsync<SecretDialog>(dialogs, title, _kept, new() { { d => d.Title, title }, { d => d.Text, text }, { d => d.Label, label }, { d => d.Secret, secret } });

    /// <summary>Asks once more.</summary>
    public static async Task<bool> ConfirmAsync(this IDialogService dialogs, string title, string text, string confirm) =>
        await ShowAsync<ConfirmDialog>(dialogs, title, _options, new() { { d => d.Title, title }, { d => d.Text, text }, { d => d.Confirm, confirm } }) is { Canceled: false };

    private static async Task<DialogResult?> ShowAsync<T>(IDialogService dialogs, string title, DialogOptions options, DialogParameters<T> parameters)
        where T : Microsoft.AspNetCore.Components.IComponent
    {
        var dialog = await dialogs.ShowAsync<T>(title, parameters, options);
        return await dialog.Result;
    }
}
