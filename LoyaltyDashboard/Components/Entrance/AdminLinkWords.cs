namespace LoyaltyDashboard.Components.Entrance;

/// <summary>How the command is called that lets an administrator in from the machine itself.</summary>
internal static class AdminLinkWords
{
    /// <summary>As it is typed where this program was started: in its published folder, or in a checkout, where a plain run would be another environment and another database.</summary>
    public static string For(IHostEnvironment environment) =>
        Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"))
            ? "dotnet LoyaltyDashboard.dll admin-link"
            : $"ASPNETCORE_ENVIRONMENT={environment.EnvironmentName} dotnet run --project LoyaltyDashboard --no-launch-profile -- admin-link";
}
