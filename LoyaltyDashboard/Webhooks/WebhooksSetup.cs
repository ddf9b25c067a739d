using Microsoft.AspNetCore.Http.Metadata;

namespace LoyaltyDashboard.Webhooks;

/// <summary>What the room brings to the program.</summary>
public static class WebhooksSetup
{
    /// <summary>All doors stand below this path.</summary>
    public const string Path = "/webhooks";

    // What Kestrel reads of a body at most, to the end of one that was refused: who sends too much is to hear so, and not to meet a closed line. Doorkeeper's own limit is below.
    private const long LargestSent = 30_000_000;

    private const string WixPath = Path + "/wix";
    private const string SdkPath = Path + "/wix-sdk";

    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<BoundedBody>();
        builder.Services.AddSingleton<RejectionLog>();
        builder.Services.AddSingleton<RejectionLimit>();
        builder.Services.AddSingleton<Doorkeeper>();
        builder.Services.AddSingleton<WixDoor>();
        builder.Services.AddSingleton<SdkDoor>();
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapWebhooks(this WebApplication app)
    {
        app.MapPost(WixPath, (HttpContext context, WixDoor door) => door.HandleAsync(context))
            .DisableAntiforgery()
            .WithName("WixWebhook")
            .WithSummary("Receives webhooks of Wix: the body is the signed token.")
            .ProducesWhatDoorsDo()
            .ShortCircuit();
        app.MapPost(SdkPath, (HttpContext context, SdkDoor door) => door.HandleAsync(context))
            .DisableAntiforgery()
            .WithName("WixSdkForward")
            .WithSummary("Receives what the JavaScript SDK hands to onLoyaltyImportCreated, as JSON, signed by Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature). 404 unless Wix:SdkSecrets is set.")
            .ProducesWhatDoorsDo()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ShortCircuit();
        // The keys are read now, not at the first webhook, when a file may be gone.
        app.Lifetime.ApplicationStarted.Register(() => app.Services.GetRequiredService<WixDoor>());
        app.Map(Path + "/{**rest}", (HttpContext context, SdkDoor sdk) =>
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            var isDoor = context.Request.Path == WixPath || (context.Request.Path == SdkPath && sdk.IsOpen);
            return Results.Problem(
                $"Wix sends its webhooks with POST to {WixPath}. Code that runs on Wix forwards its events with POST to {SdkPath}, which is open once Wix:SdkSecrets is set.",
                statusCode: isDoor ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound);
        }).ExcludeFromDescription().AllowAnonymous();
        return app;
    }

    private static RouteHandlerBuilder ProducesWhatDoorsDo(this RouteHandlerBuilder route) => route
        .WithMetadata(new SizeLimit(LargestSent))
        .Produces<string>(StatusCodes.Status200OK, "text/plain")
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status429TooManyRequests).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private sealed record SizeLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
