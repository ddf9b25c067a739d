namespace LoyaltyDashboard.Webhooks;

/// <summary>What the room brings to the program.</summary>
public static class WebhooksSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapWebhooks(this WebApplication app)
    {
        return app;
    }
}
