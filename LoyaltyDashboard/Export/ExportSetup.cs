namespace LoyaltyDashboard.Export;

/// <summary>What the room brings to the program.</summary>
public static class ExportSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddExport(this WebApplicationBuilder builder)
    {
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapExport(this WebApplication app)
    {
        return app;
    }
}
