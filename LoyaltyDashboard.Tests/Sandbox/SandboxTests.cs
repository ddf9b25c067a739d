using System.Net;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxTests
{
    /// <summary>What the real door makes of each scenario with the seed used here: outcome, status, verdict; null for no import.</summary>
    private static readonly Dictionary<string, (DeliveryOutcome Outcome, string? Status, MappingVerdict? Verdict)> _expected = new()
    {
        ["initiated"] = (DeliveryOutcome.Stored, "INITIATED", MappingVerdict.Unknown),
        ["parsing"] = (DeliveryOutcome.Stored, "PARSING", MappingVerdict.Unknown),
        ["parsed"] = (DeliveryOutcome.Stored, "PARSED", MappingVerdict.Healthy),
        ["importing"] = (DeliveryOutcome.Stored, "IMPORTING", MappingVerdict.Healthy),
        ["imported"] = (DeliveryOutcome.Stored, "IMPORTED", MappingVerdict.Healthy),
        ["partial-failures"] = (DeliveryOutcome.Stored, "IMPORTED", MappingVerdict.Healthy),
        ["failed-parsing"] = (DeliveryOutcome.Stored, "FAILED", MappingVerdict.Unknown),
        ["swapped-mapping"] = (DeliveryOutcome.Stored, "PARSED", MappingVerdict.Broken),
        ["bad-points"] = (DeliveryOutcome.Stored, "PARSED", MappingVerdict.Suspicious),
        ["missing-mapping"] = (DeliveryOutcome.Stored, "PARSED", MappingVerdict.Broken),
        ["huge-file"] = (DeliveryOutcome.Stored, "IMPORTED", MappingVerdict.Healthy),
        ["unicode"] = (DeliveryOutcome.Stored, "IMPORTED", MappingVerdict.Healthy),
        ["hostile-names"] = (DeliveryOutcome.Stored, "PARSED", MappingVerdict.Healthy),
        ["test-event"] = (DeliveryOutcome.Stored, null, MappingVerdict.Unknown),
        ["other-event"] = (DeliveryOutcome.Ignored, null, null),
        ["no-import"] = (DeliveryOutcome.Quarantined, null, null),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_scenario_goes_through_the_real_door_and_ends_as_it_should()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();
        var seen = new Dictionary<string, (DeliveryOutcome, string?, MappingVerdict?)>();
        foreach (var scenario in ScenarioCatalog.All)
        {
            Assert.Equal(HttpStatusCode.OK, await announcer.AnnounceAsync(scenario.Name, Stop));
            var delivery = (await app.Deliveries.PageAsync([], 1, 1, Stop)).Deliveries[0];
            var row = delivery.Import is { } import ? (await app.Imports.FindAsync(import.Id, Stop))!.Row : null;
            seen[scenario.Name] = (delivery.Outcome, row?.StatusText, row?.Verdict);
        }

        Assert.Equal(_expected.Select(e => $"{e}"), seen.Select(s => $"{s}"));
        Assert.Empty(app.Warnings);
    }

    [Fact]
    public async Task Test_event_is_marked_and_a_second_one_is_a_duplicate()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();

        await announcer.AnnounceAsync("test-event", Stop);
        await announcer.AnnounceAsync("test-event", Stop);

        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], (await app.Deliveries.PageAsync([], 1, 10, Stop)).Deliveries.Select(d => d.Outcome));
        Assert.True(Assert.Single((await app.Imports.PageAsync(ImportFilter.Default, 1, 10, Stop)).Rows).IsTestEvent);
    }

    [Fact]
    public async Task Unknown_scenario_is_an_argument_error()
    {
        using var app = StartQuiet();

        await Assert.ThrowsAsync<ArgumentException>(() => app.Services.GetRequiredService<SandboxAnnouncer>().AnnounceAsync("nonsense", Stop));
    }

    [Fact]
    public async Task Start_announces_each_scenario_once_and_names_the_sites()
    {
        var weighted = ScenarioCatalog.All.Count(s => s.Weight > 0);
        using var app = Start(startWith: weighted + 2);
        var calls = new CallsOf<bool>();
        await using var subscription = app.Services.GetRequiredService<DeliveryFeed>().Subscribe(() => calls.NoteAsync(true));
        while ((await app.Deliveries.PageAsync([], 1, 1, Stop)).Total < weighted + 2)
        {
            await calls.NextAsync(Stop);
        }

        var rows = (await app.Imports.PageAsync(ImportFilter.Default, 1, 100, Stop)).Rows;
        Assert.Equal(weighted, rows.Count);
        Assert.Equal(2, (await app.Deliveries.PageAsync([DeliveryOutcome.Ignored, DeliveryOutcome.Quarantined], 1, 10, Stop)).Total);
        Assert.Equal(["FAILED", "IMPORTED", "IMPORTING", "INITIATED", "PARSED", "PARSING"], rows.Select(r => r.StatusText!).Distinct().Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.NotNull(row.Site!.Name));
    }

    [Fact]
    public void Sandbox_that_is_off_brings_nothing()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" });

        Assert.Null(app.Services.GetService<SandboxAnnouncer>());
        Assert.Null(app.Services.GetService<SandboxKey>());
    }

    [Fact]
    public void Sandbox_in_Production_is_refused_in_words()
    {
        var builder = Builder("Production", "--Sandbox:Enabled=true");

        Assert.Equal(
            "Sandbox:Enabled is true in the Production environment, where invented imports must never be. Remove it, or set ASPNETCORE_ENVIRONMENT=Development to try things out.",
            Assert.Throws<InvalidOperationException>(() => builder.AddSandbox()).Message);
    }

    [Fact]
    public void Production_without_the_sandbox_brings_nothing()
    {
        var builder = Builder("Production");
        var before = builder.Services.Count;

        builder.AddSandbox();

        Assert.Equal(before, builder.Services.Count);
        Assert.Null(builder.Configuration["Wix:PublicKeys:0"]);
    }

    [Fact]
    public void Invented_data_go_to_a_file_of_their_own_beside_the_one_that_is_named()
    {
        Assert.Equal("Data Source=data/sandbox.db", Builder("Development", "--Sandbox:Enabled=true").AddSandbox().Configuration.GetConnectionString("Dashboard"));
        Assert.Equal("data source=sandbox-mine.db", Builder("Development", "--Sandbox:Enabled=true", "--ConnectionStrings:Dashboard=Data Source=mine.db").AddSandbox().Configuration.GetConnectionString("Dashboard"));
    }

    [Fact]
    public void Key_of_the_sandbox_stands_behind_those_of_the_configuration()
    {
        var configuration = Builder("Development", "--Sandbox:Enabled=true", "--Wix:PublicKeys:0=mine").AddSandbox().Configuration;

        Assert.Equal("mine", configuration["Wix:PublicKeys:0"]);
        Assert.StartsWith("-----BEGIN PUBLIC KEY-----", configuration["Wix:PublicKeys:1"]);
    }

    private static DashboardApp StartQuiet() => Start(startWith: 0);

    private static DashboardApp Start(int startWith) => DashboardApp.Start(environment: "Development", settings: new()
    {
        ["Sandbox:Enabled"] = "true",
        ["Sandbox:Seed"] = "5",
        ["Sandbox:StartWith"] = $"{startWith}",
        ["Sandbox:IntervalSeconds"] = "0",
    });

    private static WebApplicationBuilder Builder(string environment, params string[] args) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, Args = args, ContentRootPath = Path.GetTempPath() });
}
