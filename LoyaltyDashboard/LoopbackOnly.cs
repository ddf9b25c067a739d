using System.Net;

namespace LoyaltyDashboard;

/// <summary>
/// Until there is a sign-in, the dashboard is for this machine alone: it refuses to listen on any address but loopback, and under a host name
/// that is not loopback (a tunnel, or a page that rebinds DNS), or for a page of another origin, or through a proxy, it serves the webhook doors and nothing else.
/// </summary>
public static class LoopbackOnly
{
    private static readonly string[] _forwarding = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Original-Host", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"];

    /// <summary>Refuses every other address before the first connection can come.</summary>
    public static WebApplicationBuilder ListenOnLoopbackOnly(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ConfigureEndpointDefaults(listen =>
            {
                if (listen.EndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address))
                {
                    throw new InvalidOperationException($"LoyaltyDashboard has no sign-in yet and listens on this machine only, but was told to listen on {listen.EndPoint}. Set ASPNETCORE_URLS (or --urls) to http://localhost:5080 and let a tunnel forward /webhooks/ to it.");
                }
            });
        });
        return builder;
    }

    /// <summary>
    /// Answers 404 to everything but the doors when the request names another host, or comes from a page of another origin: browsers let any page open
    /// a WebSocket to this machine.
    /// </summary>
    public static WebApplication ServeOnlyDoorsToOthers(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            if ((IsLoopbackName(context.Request.Host.Host) && IsOwnOrigin(context.Request) && !IsOfAnotherPage(context.Request) && !IsForwarded(context.Request)) || context.Request.Path.StartsWithSegments(Webhooks.WebhooksSetup.Path, StringComparison.OrdinalIgnoreCase))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        return app;
    }

    // A proxy that names itself as the host would open everything to whoever reaches it.
    private static bool IsForwarded(HttpRequest request) => _forwarding.Any(request.Headers.ContainsKey) || IsOldProxy(request);

    // nginx's plain proxy_pass marks nothing, gives its own idea of the host, and before 1.29.7 speaks HTTP/1.0, which no browser and no library of today does. Health checks do.
    // What marks nothing and speaks HTTP/1.1 cannot be told from this machine's own requests: such a proxy must forward the doors' path alone, as the README says.
    private static bool IsOldProxy(HttpRequest request) => HttpProtocol.IsHttp10(request.Protocol) && !request.Path.StartsWithSegments("/health");

    // A browser says whether another site's page asks, also where it sends no Origin: for pictures, and for what that page may not read. Following a link to here is no such thing.
    private static bool IsOfAnotherPage(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        && (request.Headers["Sec-Fetch-Mode"].ToString() != "navigate" || request.Headers["Sec-Fetch-Dest"].ToString() != "document");

    // Programs that are no browsers send no Origin.
    private static bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin.Count == 0
        || (Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin) && string.Equals(origin.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
