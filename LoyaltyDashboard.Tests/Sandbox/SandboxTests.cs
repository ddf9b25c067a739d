using System.Net;
using LoyaltyDashboard.Access;
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
    private static readonly Dictionary<string, DeliveryOutcome> _outcomes = new()
    {
        ["other-event"] = DeliveryOutcome.Ignored,
        ["app-removed"] = DeliveryOutcome.Ignored,
        ["no-import"] = DeliveryOutcome.Quarantined,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_scenario_goes_through_the_real_door_as_Wix_announces_it()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();
        foreach (var scenario in ScenarioCatalog.All)
        {
            Assert.Equal(HttpStatusCode.OK, await announcer.AnnounceAsync(scenario.Name, Stop));
            var delivery = (await app.Deliveries.PageAsync(Reader.System, [], 1, 1, Stop)).Deliveries[0];
            var row = delivery.Import is { } import ? (await app.Imports.FindAsync(Reader.System, import.Id, Stop))!.Row : null;
            Assert.Equal((scenario.Name, _outcomes.GetValueOrDefault(scenario.Name, DeliveryOutcome.Stored)), (scenario.Name, delivery.Outcome));
            if (scenario.IsImport)
            {
                Assert.Equal(("INITIATED", "1", MappingVerdict.Unknown, null, null), (row!.StatusText, row.Revision, row.Verdict, row.ParsedRowCount, row.SuccessCount));
                Assert.Equal(scenario.Name, app.Services.GetRequiredService<SandboxWorld>().Find(row.Site!.InstanceId, row.Id)!.Scenario);
            }
        }

        Assert.Empty(app.Warnings);
    }

    [Fact]
    public async Task App_removed_and_another_event_are_told_by_their_types()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();

        await announcer.AnnounceAsync("other-event", Stop);
        await announcer.AnnounceAsync("app-removed", Stop);

        Assert.Equal(["AppRemoved", "wix.loyalty.v1.account_updated"], (await app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.EventType));
    }

    [Fact]
    public async Task One_webhook_in_twelve_is_lost_and_the_API_knows_its_import_all_the_same()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();
        var world = app.Services.GetRequiredService<SandboxWorld>();

        var lost = 0;
        for (var i = 0; i < 60; i++)
        {
            lost += await announcer.AnnounceByChanceAsync(Stop) is null ? 1 : 0;
        }

        Assert.InRange(lost, 1, 15);
        Assert.Equal(60, ImportInventor.Sites.Sum(site => world.Imports(site.InstanceId).Count));
        Assert.Equal(60 - lost, (await app.Deliveries.PageAsync(Reader.System, [], 1, 1, Stop)).Total);
    }

    [Fact]
    public async Task Test_event_is_marked_and_a_second_one_is_a_duplicate()
    {
        using var app = StartQuiet();
        var announcer = app.Services.GetRequiredService<SandboxAnnouncer>();

        await announcer.AnnounceAsync("test-event", Stop);
        await announcer.AnnounceAsync("test-event", Stop);

        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], (await app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.Outcome));
        Assert.True(Assert.Single((await app.Imports.PageAsync(Reader.System, ImportFilter.Default, 1, 10, Stop)).Rows).IsTestEvent);
    }

    [Fact]
    public async Task Unknown_scenario_is_an_argument_error()
    {
        using var app = StartQuiet();

        await Assert.ThrowsAsync<ArgumentException>(() => app.Services.GetRequiredService<SandboxAnnouncer>().AnnounceAsync("nonsense", Stop));
    }

    [Fact]
    public async Task Start_announces_each_scenario_once_as_created_over_the_last_minutes_and_each_site_has_a_past()
    {
        var weighted = ScenarioCatalog.All.Count(s => s.Weight > 0);
        using var app = Start(startWith: weighted + 2);
        var calls = new CallsOf<bool>();
        await using var subscription = app.Services.GetRequiredService<DeliveryFeed>().Subscribe(() => calls.NoteAsync(true));
        while ((await app.Deliveries.PageAsync(Reader.System, [], 1, 1, Stop)).Total < weighted + 2)
        {
            await calls.NextAsync(Stop);
        }

        var rows = (await app.Imports.PageAsync(Reader.System, ImportFilter.Default, 1, 100, Stop)).Rows;
        Assert.Equal(weighted, rows.Count);
        Assert.Equal(2, (await app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Ignored, DeliveryOutcome.Quarantined], 1, 10, Stop)).Total);
        Assert.All(rows, row => Assert.Equal("INITIATED", row.StatusText));
        var world = app.Services.GetRequiredService<SandboxWorld>();
        var now = app.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        var known = ImportInventor.Sites.SelectMany(site => world.Imports(site.InstanceId)).ToList();
        Assert.Equal(weighted, known.Where(import => rows.Any(row => row.Id == import.Id)).Select(import => import.Scenario).Distinct().Count());
        Assert.Superset(new HashSet<string?> { "IMPORTED", "PARSED", "FAILED" }, known.Where(import => rows.Any(row => row.Id == import.Id)).Select(import => import.At(now + TimeSpan.FromMinutes(2)).Status).ToHashSet());
        var past = known.Where(import => !rows.Any(row => row.Id == import.Id)).ToList();
        Assert.Equal(ImportInventor.Sites.Select(site => site.InstanceId).Order(), past.Select(import => import.InstanceId).Distinct().Order());
        Assert.All(past, import => Assert.True(import.CreatedAt < now - TimeSpan.FromHours(23) && ImportStatusWords.Parse(import.At(now).Status).IsFinal()));
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
        // Nobody follows: these tests see what the doors brought.
        ["Wix:ApiBaseUrl"] = "https://wix.invalid",
    });

    private static WebApplicationBuilder Builder(string environment, params string[] args) =>
        WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment, Args = args, ContentRootPath = Path.GetTempPath() });
}
