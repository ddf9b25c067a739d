namespace LoyaltyDashboard.Api;

/// <summary>What the room brings to the program.</summary>
public static class ApiSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddApi(this WebApplicationBuilder builder)
    {
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapApi(this WebApplication app)
    {
        return app;
    }
}
