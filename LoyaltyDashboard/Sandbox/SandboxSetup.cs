namespace LoyaltyDashboard.Sandbox;

/// <summary>What the room brings to the program.</summary>
public static class SandboxSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddSandbox(this WebApplicationBuilder builder)
    {
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapSandbox(this WebApplication app)
    {
        return app;
    }
}
