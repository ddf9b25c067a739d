using System.Buffers;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.StaticAssets;

namespace LoyaltyDashboard;

/// <summary>What every answer tells a browser: nothing from elsewhere, no script that is not a file of ours, no frames, no guessing; and nothing to keep, but static files.</summary>
internal static class SafeHeaders
{
    private const string Permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-create=(self), publickey-credentials-get=(self)";

    private static readonly SearchValues<char> _hostLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]");

    /// <summary>Sends them with every answer, also with one that an exception cut short.</summary>
    public static void SendSafeHeaders(this WebApplication app)
    {
        // After a form was sent, browsers follow only where forms may go; to sign in, that is the identity provider's page.
        var provider = Uri.TryCreate(app.Configuration["Access:Oidc:Authority"], UriKind.Absolute, out var authority) ? ' ' + authority.GetLeftPart(UriPartial.Authority) : string.Empty;
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments(WebhooksSetup.Path, StringComparison.OrdinalIgnoreCase))
            {
                // No browser asks the doors, and every event passes here.
                context.Response.Headers.XContentTypeOptions = "nosniff";
                return next(context);
            }

            context.Response.OnStarting(() =>
            {
                Write(context, provider);
                return Task.CompletedTask;
            });
            return next(context);
        });
    }

    private static void Write(HttpContext context, string provider)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        // MudBlazor writes styles into elements; everything else is strict. Some browsers do not take a WebSocket to the same host for 'self'.
        var socket = request.Host.Value is { Length: > 0 } host && !host.AsSpan().ContainsAnyExcept(_hostLetters) ? $" {(request.IsHttps ? "wss" : "ws")}://{host}" : string.Empty;
        headers.ContentSecurityPolicy =
            $"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'{socket}; object-src 'none'; base-uri 'self'; form-action 'self'{provider}; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        // The address of a one-time link is its secret.
        headers["Referrer-Policy"] = request.Path.StartsWithSegments(Links.Path.TrimEnd('/'), StringComparison.OrdinalIgnoreCase) ? "no-referrer" : "same-origin";
        headers["Permissions-Policy"] = Permissions;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.GetEndpoint()?.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
        {
            headers.CacheControl = "no-store";
        }
    }
}
