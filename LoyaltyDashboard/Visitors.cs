using System.Net;
using LoyaltyDashboard.Components;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard;

/// <summary>
/// Who is served more than the doors, which are open to everybody. Not a page of another origin, which the browser would send our cookie along with; not a name that is not ours, while
/// only this machine is served; and nobody by plain http but this machine itself.
/// </summary>
internal sealed class Visitors(Addresses addresses, IOptions<ProxyOptions> proxies, IOptions<DashboardOptions> dashboard)
{
    private static readonly string[] _forwarding = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server", "X-Original-Host", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"];

    private static readonly PathString _health = "/health";

    private readonly bool _hasProxies = proxies.Value.Proxies.Count > 0;
    private readonly Uri? _public = string.IsNullOrWhiteSpace(dashboard.Value.PublicUrl) ? null : new(dashboard.Value.PublicUrl);

    /// <summary>Lets a request on, or answers it.</summary>
    public Task ReceiveAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments(WebhooksSetup.Path, StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var isLocal = IsFromThisMachine(context.Connection) && IsLoopbackName(request.Host.Host) && !IsForwarded(request);
        if (addresses.AreOfThisMachine && !_hasProxies)
        {
            if (!isLocal && !IsPublic(request))
            {
                return RefuseAsync(context, StatusCodes.Status404NotFound, "Only the webhook doors are served under this name. Dashboard:PublicUrl opens the dashboard under its own https address, and Access:Proxies names the proxies in front of it.");
            }

            if (!isLocal)
            {
                // A tunnel that ends on this machine, by the configuration and not by what the request says of itself. So the cookie is one for https.
                request.Scheme = Uri.UriSchemeHttps;
                context.Features.Set(new FromTunnel());
            }
        }
        else if (!request.IsHttps && !isLocal && !request.Path.StartsWithSegments(_health))
        {
            return SendToHttpsAsync(context);
        }

        return IsOwnOrigin(request) && !IsOfAnotherPage(request)
            ? next(context)
            : RefuseAsync(context, StatusCodes.Status404NotFound, "A page of another origin gets nothing here. If this is your own dashboard behind a proxy: the proxy must send Host, or X-Forwarded-Host, and X-Forwarded-Proto as the browser sees them, and stand in Access:Proxies.");
    }

    // Whoever sends a key or a form by plain http is told, and not led on: it was readable already, and would be again next time.
    private Task SendToHttpsAsync(HttpContext context)
    {
        var request = context.Request;
        var target = _public is { Scheme: "https" } ? _public.GetLeftPart(UriPartial.Authority)
            : addresses.HttpsPort is { } port ? $"https://{(port == 443 ? new HostString(request.Host.Host) : new HostString(request.Host.Host, port)).ToUriComponent()}"
            : null;
        // A proxy that does not say by which scheme it was asked would be sent to https for ever.
        var isSaid = !_hasProxies || request.Headers.ContainsKey("X-Original-Proto") || !request.Headers.ContainsKey("X-Original-For");
        if (target is null || !isSaid || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.Headers.Authorization.Count > 0)
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "The dashboard is served by https alone. A proxy that speaks https in front of it must send X-Forwarded-Proto and X-Forwarded-For, and stand in Access:Proxies.");
        }

        context.Response.Redirect(target + UriHelper.BuildRelative(request.PathBase, request.Path, request.QueryString), permanent: false, preserveMethod: true);
        return Task.CompletedTask;
    }

    private static Task RefuseAsync(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(words, context.RequestAborted);
    }

    // Who comes through a Unix socket has no address.
    private static bool IsFromThisMachine(ConnectionInfo connection) => connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address);

    private bool IsPublic(HttpRequest request) => _public is { Scheme: "https" } && IsSame(_public, Uri.UriSchemeHttps, request.Host);

    // What stands behind a proxy that names itself as the host has this machine's own name.
    private static bool IsForwarded(HttpRequest request) => _forwarding.Any(request.Headers.ContainsKey) || IsOldProxy(request);

    // nginx's plain proxy_pass marks nothing, gives its own idea of the host, and before 1.29.7 speaks HTTP/1.0, which no browser and no library of today does. Health checks do.
    // What marks nothing and speaks HTTP/1.1 cannot be told from this machine's own requests: such a proxy must forward the doors' path alone, or be named, as the README says.
    private static bool IsOldProxy(HttpRequest request) => HttpProtocol.IsHttp10(request.Protocol) && !request.Path.StartsWithSegments(_health);

    // A browser says whether another site's page asks, also where it sends no Origin: for pictures, and for what that page may not read. Following a link to here is no such thing.
    private static bool IsOfAnotherPage(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site"
        && (request.Headers["Sec-Fetch-Mode"].ToString() != "navigate" || request.Headers["Sec-Fetch-Dest"].ToString() != "document");

    // Browsers send it with every form and every WebSocket; programs that are no browsers send none.
    private bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin.Count == 0
        // Forms of a page whose address nobody is to learn, as that of a one-time link, have no origin; what kind of page it was, browsers say all the same.
        || (request.Headers.Origin == "null" && request.Headers["Sec-Fetch-Site"] == "same-origin")
        || (Uri.TryCreate(request.Headers.Origin.ToString(), UriKind.Absolute, out var origin)
            && (IsSame(origin, request.Scheme, request.Host) || (_public is not null && origin.GetLeftPart(UriPartial.Authority) == _public.GetLeftPart(UriPartial.Authority))));

    private static bool IsSame(Uri uri, string scheme, HostString host) =>
        uri.Scheme == scheme && string.Equals(uri.Host, host.Host, StringComparison.OrdinalIgnoreCase) && uri.Port == (host.Port ?? (scheme == Uri.UriSchemeHttps ? 443 : 80));

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

/// <summary>What start needs for <see cref="Visitors"/>.</summary>
internal static class VisitorsSetup
{
    /// <summary>Registers them.</summary>
    public static WebApplicationBuilder AddVisitors(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Visitors>();
        return builder;
    }

    /// <summary>Behind this line are only the doors and who is to be served; browsers that came by https come by https from now on.</summary>
    public static WebApplication ReceiveVisitors(this WebApplication app)
    {
        var visitors = app.Services.GetRequiredService<Visitors>();
        app.Use((HttpContext context, RequestDelegate next) => visitors.ReceiveAsync(context, next));
        app.UseHsts();
        return app;
    }
}
