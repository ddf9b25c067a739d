using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Sign-in by an OpenID Connect provider: code flow with PKCE, there only while the configuration names a provider.</summary>
internal static class Oidc
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "oidc";

    /// <summary>Where a form asks for it, and where it ends.</summary>
    public const string Path = "/sign-in/external";

    private const string Refused = "/sign-in/refused";

    /// <summary>Registers it.</summary>
    public static void AddOidc(this IServiceCollection services)
    {
        // Settled when first needed: a test host adds its configuration after this line has run.
        services.AddOptions<AuthenticationOptions>().Configure<IOptions<AccessOptions>>((authentication, access) =>
        {
            if (access.Value.Oidc.IsOn)
            {
                authentication.AddScheme<OpenIdConnectHandler>(Scheme, access.Value.Oidc.DisplayName);
            }
        });
        services.AddTransient<OpenIdConnectHandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<AccessOptions>, TimeProvider>((options, access, time) => Configure(options, access.Value.Oidc, time));
        services.AddScoped<OidcSignIn>();
    }

    /// <summary>Maps the routes: a form asks to be sent to the provider; whom it sends back signs in.</summary>
    public static void Map(IEndpointRouteBuilder forms, IEndpointRouteBuilder routes)
    {
        forms.MapPost(Path, (HttpContext context, IOptions<AccessOptions> access, string? returnUrl) => access.Value.Oidc.IsOn
            ? Results.Challenge(new() { RedirectUri = $"{Path}?returnUrl={Uri.EscapeDataString(LocalUrl.Of(returnUrl))}" }, [Scheme])
            : Results.Redirect("/sign-in")).AllowAnonymous();
        routes.MapGet(Path, async (HttpContext context, OidcSignIn signIn, string? returnUrl) =>
        {
            var came = await context.AuthenticateAsync(IdentityConstants.ExternalScheme);
            await context.SignOutAsync(IdentityConstants.ExternalScheme);
            context.Response.Headers.CacheControl = "no-store";
            return came.Principal is null ? Results.Redirect("/") : Results.Redirect(await signIn.AnswerAsync(came.Principal, context.RequestAborted) ? LocalUrl.Of(returnUrl) : Refused);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static void Configure(OpenIdConnectOptions options, OidcOptions oidc, TimeProvider time)
    {
        (options.Authority, options.ClientId, options.ClientSecret) = (oidc.Authority, oidc.ClientId, oidc.ClientSecret);
        options.TimeProvider = time;
        options.RequireHttpsMetadata = !(Uri.TryCreate(oidc.Authority, UriKind.Absolute, out var authority) && authority.IsLoopback);
        options.SignInScheme = IdentityConstants.ExternalScheme;
        options.ResponseType = "code";
        options.UsePkce = true;
        // A provider that comes back by a link, not by a form, finds the cookies of the way there without SameSite=None.
        options.ResponseMode = "query";
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.ClaimActions.Remove("iss");
        options.ClaimActions.MapJsonKey(oidc.RoleClaim, oidc.RoleClaim);
        options.ClaimActions.MapJsonKey("email", "email");
        options.Scope.Add("email");
        foreach (var scope in oidc.Scopes)
        {
            options.Scope.Add(scope);
        }

        options.Events.OnRemoteFailure = async context =>
        {
            // What the provider said may be anybody's words; the page and the audit log say ours.
            context.HandleResponse();
            await context.HttpContext.RequestServices.GetRequiredService<FailedSignIns>().NoteAsync(new(Reader.Nobody.Actor, AuditAction.SignInFailed, null, "by OpenID Connect: the provider's answer was not accepted"));
            context.Response.Redirect(Refused + "?by=provider");
        };
    }
}
