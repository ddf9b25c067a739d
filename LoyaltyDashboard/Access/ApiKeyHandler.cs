using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary><c>Authorization: Bearer</c> with an API key.</summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessDirectory directory, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The scheme's name.</summary>
    public const string Name = "ApiKey";

    private const string Bearer = "Bearer ";

    /// <summary>The key that a request carries; null if none. A live client in a browser cannot set headers, so there it may stand in the address.</summary>
    public static string? KeyOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 0 } header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : request.Path.StartsWithSegments("/hubs", StringComparison.Ordinal) && request.Query["access_token"].ToString() is { Length: > 0 } token ? token : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (KeyOf(Request) is not { } text)
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        if (directory.OfKey(Secret.Hash(text)) is not { } key)
        {
            return Task.FromResult(AuthenticateResult.Fail("The key is not known, or was revoked."));
        }

        keys.NoteUse(key.RowId);
        var identity = new ClaimsIdentity([new(AccessClaims.Key, key.RowId.ToString(CultureInfo.InvariantCulture)), new(ClaimTypes.Name, key.Name)], Name);
        if (Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            identity.AddClaim(new(AccessClaims.AtApi, "true"));
        }

        return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return Refusal.SendAsync(Context, StatusCodes.Status401Unauthorized, KeyOf(Request) is null
            ? "Sign in, or send an API key: Authorization: Bearer <key>. An administrator makes one on the settings page."
            : "This API key is not known, or was revoked. An administrator makes a new one on the settings page.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Refusal.SendAsync(Context, StatusCodes.Status403Forbidden, "This API key has not the role for that. An administrator can make one that has.");
}
