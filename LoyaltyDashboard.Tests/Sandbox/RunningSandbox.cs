using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Sandbox;

/// <summary>The program with a sandbox that does nothing by itself, on a clock of ours; asked over real HTTP.</summary>
public sealed class RunningSandbox : IDisposable
{
    public const string Imports = "/sandbox/wix/_api/loyalty-imports/v1/loyalty-imports";

    private readonly DashboardApp _app;
    private readonly Dictionary<string, string> _tokens = [];
    private int _created;

    public RunningSandbox() : this(null)
    {
    }

    internal RunningSandbox(FakeTimeProvider? time, string? databasePath = null)
    {
        Time = time ?? new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        _app = DashboardApp.Start(Time, "Development", new() { ["Sandbox:Enabled"] = "true", ["Sandbox:Seed"] = "5", ["Sandbox:StartWith"] = "0", ["Sandbox:IntervalSeconds"] = "0" }, databasePath);
    }

    public FakeTimeProvider Time { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient Client => _app.Client;

    public SandboxWorld World => Services.GetRequiredService<SandboxWorld>();

    public SandboxFaults Faults => Services.GetRequiredService<SandboxFaults>();

    public SandboxLog Log => Services.GetRequiredService<SandboxLog>();

    public IEnumerable<string> Warnings => _app.Warnings;

    public string DatabasePath => _app.DatabasePath;

    public static SandboxSite Site => ImportInventor.Sites[0];

    public static SandboxSite OtherSite => ImportInventor.Sites[1];

    public void Dispose() => ((IDisposable)_app).Dispose();

    /// <summary>An import of <see cref="Site"/>: read after 2 s, PARSED after 5, executed after 15, IMPORTED after 35 with 20 of 100 rows failed.</summary>
    public SandboxImport Add(TimeSpan? ago = null, string? instanceId = null, int failures = 20, TimeSpan? toExecute = null) => World.Add(new(
        "imported", instanceId ?? Site.InstanceId,
        SandboxLifeCycle.Create($"0a0a0a0a-0000-4000-8000-{++_created:D12}", "j", "a.csv", 100, "/a.csv", Time.GetUtcNow() - (ago ?? TimeSpan.Zero)),
        new(["email", "points"], [new() { ColumnName = "EMAIL", ColumnIndex = 0 }, new() { ColumnName = "POINTS", ColumnIndex = 1 }], [new() { Values = ["a@example.com", "5"] }], Rows: 100, failures, ParseError: null),
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), toExecute ?? TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20))));

    public Task<HttpResponseMessage> AskTokenAsync(string? grant = "client_credentials", string? id = null, string? secret = null, string? instance = null)
    {
        var wix = Services.GetRequiredService<IOptions<WixOptions>>().Value;
        return Client.PostAsJsonAsync("/sandbox/wix/oauth2/token", new { grant_type = grant, client_id = id ?? wix.AppId, client_secret = secret ?? wix.AppSecret, instance_id = instance ?? Site.InstanceId });
    }

    public async Task<string> TokenAsync(string? instance = null)
    {
        instance ??= Site.InstanceId;
        if (!_tokens.TryGetValue(instance, out var token))
        {
            using var response = await AskTokenAsync(instance: instance);
            _tokens[instance] = token = (string)(await JsonAsync(response))["access_token"]!;
        }

        return token;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body = null, string? token = null, string? instance = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Authorization", token ?? await TokenAsync(instance));
        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string id, string? token = null, string? instance = null) => SendAsync(HttpMethod.Get, $"{Imports}?loyaltyImportId={id}", null, token, instance);

    public Task<HttpResponseMessage> QueryAsync(string query = "{}", string? instance = null) => SendAsync(HttpMethod.Post, $"{Imports}/query", "{\"query\":" + query + "}", instance: instance);

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
}
