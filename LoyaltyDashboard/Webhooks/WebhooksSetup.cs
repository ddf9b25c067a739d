namespace LoyaltyDashboard.Webhooks;

/// <summary>What the room brings to the program.</summary>
public static class WebhooksSetup
{
    /// <summary>All doors stand below this path.</summary>
    public const string Path = "/webhooks";

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RejectionLog>();
        builder.Services.AddSingleton<WixDoor>();
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapWebhooks(this WebApplication app)
    {
        app.MapPost(Path + "/wix", (HttpContext context, WixDoor door) => door.HandleAsync(context))
            .DisableAntiforgery()
            .WithName("WixWebhook")
            .WithSummary("Receives webhooks of Wix: the body is the signed token.");
        return app;
    }
}
