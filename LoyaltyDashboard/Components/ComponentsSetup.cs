using LoyaltyDashboard.Access;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;

namespace LoyaltyDashboard.Components;

/// <summary>What the room brings to the program.</summary>
public static class ComponentsSetup
{
    /// <summary>Registers the room's services.</summary>
    public static WebApplicationBuilder AddComponents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<DashboardOptions>, DashboardOptionsValidator>();
        builder.Services.AddOptions<DashboardOptions>().BindConfiguration(DashboardOptions.Section).ValidateOnStart();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents(circuits => circuits.DetailedErrors = false);
        builder.Services.AddMudServices(mud => mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomRight);
        return builder;
    }

    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapComponents(this WebApplication app)
    {
        app.UseAntiforgery();
        app.Use(SayThatFormIsOldAsync);
        app.MapStaticAssets().AllowAnonymous();
        // What pages may be framed by is said once, with all else that answers tell a browser: a second header of the same name would be a second policy.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    // The framework answers such a form with nothing at all, and in Development with words for who wrote it.
    private static Task SayThatFormIsOldAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false } || context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is null)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(OldForm.Words, context.RequestAborted);
    }
}
