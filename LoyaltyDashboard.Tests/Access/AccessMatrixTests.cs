using System.Net;
using System.Reflection;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>
/// Who may what, endpoint by endpoint. The endpoints are the program's own list: one that has no line here fails, and so does a line without an endpoint.
/// </summary>
public sealed class AccessMatrixTests : IDisposable
{
    private const string Import = "b6a8b6a5-0000-4000-8000-000000000001";

    /// <summary>Whoever comes; each is asked for at every endpoint.</summary>
    private static readonly string[] _callers = ["nobody", "viewer", "viewer of another site", "operator", "administrator", "viewer's key", "administrator's key", "revoked key", "signed out", "shut out"];

    // An endpoint's methods and route, and what it takes. The doors, health, the pages of the sign-in and static files are open, and nothing else.
    private static readonly Dictionary<string, Role> _takes = new()
    {
        ["POST /webhooks/wix"] = Role.None,
        ["POST /webhooks/wix-sdk"] = Role.None,
        ["* /webhooks/{**rest}"] = Role.None,
        ["* /health/live"] = Role.None,
        ["* /health/ready"] = Role.None,
        ["GET /openapi/{documentName}.json"] = Role.Viewer,
        ["GET /api/imports"] = Role.Viewer,
        ["GET /api/imports/{**id}"] = Role.Viewer,
        ["GET /api/imports/export"] = Role.Viewer,
        ["GET /api/imports/error-file"] = Role.Viewer,
        ["* /api/{**rest}"] = Role.Viewer,
        ["* /hubs/imports"] = Role.Viewer,
        ["* /hubs/imports/negotiate"] = Role.Viewer,
        ["* /_blazor"] = Role.Viewer,
        ["* /_blazor/negotiate"] = Role.Viewer,
        ["* /_blazor/disconnect/"] = Role.Viewer,
        ["* /_blazor/initializers/"] = Role.Viewer,
        ["GET /_framework/opaque-redirect"] = Role.Viewer,
        ["GET,HEAD /{**path:file}"] = Role.Viewer,
        ["page /"] = Role.Viewer,
        ["page /imports/{*Id}"] = Role.Viewer,
        ["page /deliveries"] = Role.Viewer,
        ["page /deliveries/{RowId:long}"] = Role.Viewer,
        ["page /sites"] = Role.Viewer,
        ["page /{*Path:nonfile}"] = Role.Viewer,
        ["page /sign-in"] = Role.None,
        ["page /sign-in/two-factor"] = Role.None,
        ["page /sign-in/recovery-code"] = Role.None,
        ["page /enter/{Secret}"] = Role.None,
        ["page /no-access"] = Role.None,
        ["POST /sign-in/passkey-options"] = Role.None,
        ["page /settings"] = Role.Administrator,
        ["page /audit"] = Role.Administrator,
        ["GET /api/audit/export"] = Role.Administrator,
        ["page /sign-in/refused"] = Role.None,
        ["POST /sign-in/external"] = Role.None,
        ["GET /sign-in/external"] = Role.None,
        ["page /account"] = Role.Viewer,
        ["POST /sign-out"] = Role.None,
        ["POST /account/passkey-options"] = Role.Viewer,
    };

    // Only where the sandbox is. Its own API asks for its own tokens, as Wix does.
    private static readonly Dictionary<string, Role> _sandboxTakes = new()
    {
        ["GET /sign-in/development"] = Role.None,
        ["POST /sandbox/wix/oauth2/token"] = Role.None,
        ["GET /sandbox/wix/_api/loyalty-imports/v1/loyalty-imports"] = Role.None,
        ["POST /sandbox/wix/_api/loyalty-imports/v1/loyalty-imports/query"] = Role.None,
        ["GET /sandbox/wix/_api/loyalty-imports/v1/loyalty-imports/error-file-download-url"] = Role.None,
        ["GET /sandbox/wix/apps/v1/instance"] = Role.None,
        ["GET /sandbox/wix/files/{instanceId}/{ends:long}/{signature}/{importId}.csv"] = Role.None,
        ["* /sandbox/wix/{**rest}"] = Role.None,
        ["GET /sandbox/log"] = Role.Operator,
        ["GET /sandbox/faults"] = Role.Operator,
        ["PUT /sandbox/faults"] = Role.Operator,
        ["DELETE /sandbox/faults"] = Role.Operator,
    };

    // All callers come from one address, and every page of the sign-in is asked of each.
    private readonly DashboardApp _app = DashboardApp.Start(services: Unlimited);

    public void Dispose() => ((IDisposable)_app).Dispose();

    private static void Unlimited(IServiceCollection services) => services.Configure<RateLimits>(limits => limits.SignInsAtOnce = 10_000);

    [Fact]
    public void Every_endpoint_has_a_line_and_every_line_an_endpoint()
    {
        var endpoints = Endpoints(_app).Select(e => e.Name).ToHashSet();

        Assert.Empty(endpoints.Except(_takes.Keys));
        Assert.Empty(_takes.Keys.Except(endpoints));
    }

    [Fact]
    public void Every_endpoint_of_the_sandbox_has_a_line()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "true", ["Sandbox:StartWith"] = "0", ["Sandbox:IntervalSeconds"] = "0" }, services: Unlimited);
        var endpoints = Endpoints(app).Select(e => e.Name).Where(name => !_takes.ContainsKey(name)).ToHashSet();

        Assert.Empty(endpoints.Except(_sandboxTakes.Keys));
        Assert.Empty(_sandboxTakes.Keys.Except(endpoints));
        Assert.All(Endpoints(app), e => Assert.Equal(!_takes.TryGetValue(e.Name, out var role) ? _sandboxTakes.GetValueOrDefault(e.Name) == Role.None : role == Role.None, IsOpen(e.Endpoint)));
    }

    [Fact]
    public void Only_what_stands_here_as_open_is_open() =>
        Assert.All(Endpoints(_app), e => Assert.Equal(_takes[e.Name] == Role.None, IsOpen(e.Endpoint)));

    [Fact]
    public void Static_files_are_open() =>
        Assert.All(All(_app).Where(IsStatic), e => Assert.True(IsOpen(e), e.RoutePattern.RawText));

    [Fact]
    public void Hub_takes_no_calls()
    {
        // A method that clients may call would stand here, with what it takes.
        Assert.Empty(typeof(ImportsHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly));
    }

    [Fact]
    public async Task Nobody_gets_further_than_the_matrix_says()
    {
        await _app.PostAsync(new WixWebhook());
        Dictionary<string, HttpClient> clients = [];
        foreach (var caller in _callers)
        {
            clients[caller] = await ClientAsync(caller);
        }

        List<string> faults = [];
        foreach (var (name, endpoint) in Endpoints(_app).Where(e => _takes.ContainsKey(e.Name)))
        {
            foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                foreach (var caller in _callers)
                {
                    using var request = new HttpRequestMessage(new(method), Address(endpoint));
                    using var answer = await clients[caller].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                    if (IsLetIn(answer) != Is(caller, _takes[name]))
                    {
                        faults.Add($"{name} by {method}: {caller} gets {(int)answer.StatusCode} {answer.Headers.Location}");
                    }
                }
            }
        }

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("/api/imports/" + Import)]
    [InlineData("/api/imports/error-file?id=" + Import)]
    public async Task Import_of_another_site_is_not_there_for_a_reader_of_some_sites(string address)
    {
        await _app.PostAsync(new WixWebhook { ImportId = Import });
        using var limited = await ClientAsync("viewer of another site");
        using var all = await ClientAsync("viewer");

        var theirs = await limited.GetStringAsync("/api/imports", TestContext.Current.CancellationToken);
        using var one = await limited.GetAsync(address, TestContext.Current.CancellationToken);

        Assert.Contains("\"total\":0", theirs, StringComparison.Ordinal);
        Assert.Contains("\"total\":1", await all.GetStringAsync("/api/imports", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, one.StatusCode);
    }

    private static bool Is(string caller, Role takes) => takes == Role.None || caller switch
    {
        "viewer" or "viewer of another site" or "viewer's key" => takes <= Role.Viewer,
        "operator" => takes <= Role.Operator,
        "administrator" or "administrator's key" => true,
        _ => false,
    };

    // What comes behind the sign-in may be an error of its own: a socket that was not asked for as one, an import that is not there.
    private static bool IsLetIn(HttpResponseMessage answer) =>
        answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        && answer.Headers.Location?.OriginalString is not { } location || answer.Headers.Location is { OriginalString: var to } && !to.Contains("/sign-in", StringComparison.Ordinal) && !to.Contains("/no-access", StringComparison.Ordinal);

    private static bool IsOpen(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.Any(m => m.GetType().Name == "ShortCircuitMetadata");

    private static bool IsStatic(RouteEndpoint endpoint) => endpoint.Metadata.Any(m => m.GetType().Name == "StaticAssetDescriptor");

    private static List<RouteEndpoint> All(DashboardApp app) => [.. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    private static IEnumerable<(string Name, RouteEndpoint Endpoint)> Endpoints(DashboardApp app) => All(app).Where(e => !IsStatic(e)).Select(e => (Name(e), e));

    private static string Name(RouteEndpoint endpoint)
    {
        var route = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
        var isPage = endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
        return isPage ? $"page {route}" : $"{string.Join(',', endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"])} {route}";
    }

    private static string Address(RouteEndpoint endpoint) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "documentName" } => "v1",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "RowId" } => "1",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart => "x",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        _ => string.Empty,
    }))));

    private async Task<HttpClient> ClientAsync(string caller)
    {
        var services = _app.Services;
        switch (caller)
        {
            case "nobody": return _app.ClientOf(null);
            case "viewer": return _app.ClientOf(await services.SignInAsync(Role.Viewer));
            case "viewer of another site": return _app.ClientOf(await services.SignInAsync(Role.Viewer, ["another-site"]));
            case "operator": return _app.ClientOf(await services.SignInAsync(Role.Operator));
            case "administrator": return _app.ClientOf(await services.SignInAsync(Role.Administrator));
            case "viewer's key": return _app.ClientOf(null).WithKey(await services.MakeKeyAsync(Role.Viewer));
            case "administrator's key": return _app.ClientOf(null).WithKey(await services.MakeKeyAsync(Role.Administrator));
            case "revoked key":
                var (key, rowId) = await services.GetRequiredService<ApiKeys>().MakeAsync("revoked", Role.Administrator, null, CancellationToken.None);
                await services.GetRequiredService<ApiKeys>().RevokeAsync(rowId, CancellationToken.None);
                return _app.ClientOf(null).WithKey(key);
            case "signed out":
                var cookie = await services.SignInAsync(Role.Administrator, email: "gone@example.com");
                await services.GetRequiredService<Sessions>().EndAllAsync(IdOf("gone@example.com"));
                return _app.ClientOf(cookie);
            default:
                var shut = await services.SignInAsync(Role.Administrator, email: "shut@example.com");
                await services.ChangeAsync("shut@example.com", account => account.Disabled = DateTimeOffset.UnixEpoch);
                return _app.ClientOf(shut);
        }

        long IdOf(string email) => services.AccountId(email);
    }
}
