using System.Security.Claims;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>A real OpenIddict server on a port of its own. Whoever comes to it is signed in already, as the test says.</summary>
public sealed class Provider : IAsyncDisposable
{
    public const string ClientId = "loyalty-dashboard";
    public const string ClientSecret = "a secret between the two";

    private readonly WebApplication _app;

    private Provider(WebApplication app) => _app = app;

    /// <summary>Who comes.</summary>
    public string Subject { get; set; } = "ann-1";

    /// <summary>The address that the provider tells.</summary>
    public string Email { get; set; } = "ann@example.com";

    /// <summary>The roles that the provider tells.</summary>
    public IReadOnlyList<string> Roles { get; set; } = [];

    /// <summary>Whether they say no to it.</summary>
    public bool Refuses { get; set; }

    /// <summary>Challenge methods that were sent along: PKCE.</summary>
    public List<string?> ChallengeMethods { get; } = [];

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public Dictionary<string, string?> Settings => new()
    {
        ["Access:Oidc:Authority"] = Address.ToString(),
        ["Access:Oidc:ClientId"] = ClientId,
        ["Access:Oidc:ClientSecret"] = ClientSecret,
        ["Access:Oidc:DisplayName"] = "Example ID",
        ["Access:Oidc:Roles:Operator"] = "loyalty-operators",
        ["Access:Oidc:Scopes:0"] = "roles",
    };

    public static async Task<Provider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        Provider? provider = null;
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode();
            server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            server.RegisterScopes("email", "profile", "roles");
            server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
            server.UseAspNetCore().DisableTransportSecurityRequirement();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                provider!.ChallengeMethods.Add(context.Request.CodeChallengeMethod);
                if (context.ClientId != ClientId)
                {
                    context.Reject(OpenIddictConstants.Errors.InvalidClient);
                }

                return default;
            }));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != ClientId || context.ClientSecret != ClientSecret)
                {
                    context.Reject(OpenIddictConstants.Errors.InvalidClient);
                }

                return default;
            }));
            server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (provider!.Refuses)
                {
                    context.Reject(OpenIddictConstants.Errors.AccessDenied, "No.");
                    return default;
                }

                var identity = new ClaimsIdentity("provider", "name", "roles");
                identity.AddClaim(new("sub", provider.Subject));
                identity.AddClaim(new("email", provider.Email));
                foreach (var role in provider.Roles)
                {
                    identity.AddClaim(new("roles", role));
                }

                identity.SetDestinations(_ => [OpenIddictConstants.Destinations.IdentityToken]);
                context.Principal = new ClaimsPrincipal(identity);
                context.Principal.SetScopes(context.Request.GetScopes());
                return default;
            }));
        });
        var app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();
        provider = new(app);
        await app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
