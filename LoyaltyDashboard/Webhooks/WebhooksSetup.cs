namespace LoyaltyDashboard.Webhooks;

/// <summary>What the room brings to the program.</summary>
public static class WebhooksSetup
{
    /// <summary>All doors stand below this path.</summary>
    public const string Path = "/webhooks";

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BoundedBody>();
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
            .WithSummary("Receives webhooks of Wix: the body is the signed token.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status408RequestTimeout)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        // The keys are read now, not at the first webhook, when a file may be gone.
        app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<WixDoor>());
        app.Map(Path + "/{**rest}", (HttpContext context) =>
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return Results.Problem($"Webhooks are sent with POST to {Path}/wix.", statusCode: context.Request.Path == Path + "/wix" ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound);
        }).ExcludeFromDescription();
        return app;
    }
}
