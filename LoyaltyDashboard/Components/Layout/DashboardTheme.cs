using MudBlazor;

namespace LoyaltyDashboard.Components.Layout;

/// <summary>MudBlazor's side of the look. Colours are not here: app.css points MudBlazor's palette at the tokens, so light and dark switch without the server.</summary>
public static class DashboardTheme
{
    /// <summary>Type and corners.</summary>
    public static MudTheme Mud { get; } = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "8px" },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = ["Inter", "system-ui", "sans-serif"], FontSize = "14px", LineHeight = "20px" } },
    };
}
