using System.Text.Json.Nodes;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Api;

public sealed class OpenApiTests
{
    private static readonly string[] _filter = ["q", "status", "result", "site", "from", "to", "mapping", "sort", "dir"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Document_lists_routes_and_parameters_in_every_environment(string environment)
    {
        using var app = DashboardApp.Start(environment: environment, settings: new() { ["Sandbox:Enabled"] = "false" });

        var document = JsonNode.Parse(await app.Client.GetStringAsync("/openapi/v1.json", Stop))!;

        Assert.StartsWith("3.", document["openapi"]!.GetValue<string>());
        var paths = document["paths"]!.AsObject();
        Assert.Equal(["/api/audit/export", "/api/imports", "/api/imports/error-file", "/api/imports/export", "/api/imports/{id}", "/webhooks/wix", "/webhooks/wix-sdk"], paths.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal([.. _filter, "pageSize", "cursor"], Parameters(paths["/api/imports"]!));
        Assert.Equal(["format", .. _filter], Parameters(paths["/api/imports/export"]!));
        Assert.Equal(["id"], Parameters(paths["/api/imports/{id}"]!));
        Assert.Equal(["200", "400"], paths["/api/imports"]!["get"]!["responses"]!.AsObject().Select(r => r.Key));
        Assert.Equal(["200", "404"], paths["/api/imports/{id}"]!["get"]!["responses"]!.AsObject().Select(r => r.Key));
    }

    private static IEnumerable<string> Parameters(JsonNode path) => path["get"]!["parameters"]!.AsArray().Select(p => p!["name"]!.GetValue<string>());
}
