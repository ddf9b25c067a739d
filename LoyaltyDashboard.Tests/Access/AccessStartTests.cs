using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Who may come in from the start is in the audit log, like whoever is let in later.</summary>
public sealed class AccessStartTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Administrator_and_keys_of_the_configuration_are_audited()
    {
        using var app = DashboardApp.Start(settings: new() { ["Access:Admin:Email"] = "ann@example.com", ["Access:Admin:Password"] = Visitor.GoodPassword });

        Assert.Equal(["key took tests from the configuration: role Administrator, all sites", "user made the administrator that Access:Admin names"], Lines(app));
        using var ann = new Visitor(app);
        (await ann.SignInAsync("ann@example.com")).Dispose();
        Assert.True(await ann.IsInAsync());

        app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.ApiKeys.Clear();
        await app.Services.GetRequiredService<ApiKeys>().TakeConfiguredAsync(Stop);
        Assert.Equal("key revoked tests: the configuration no longer has it so", Lines(app)[^1]);
    }

    [Fact]
    public async Task Link_of_the_console_is_audited_and_made_while_nobody_has_a_way_in()
    {
        using var app = DashboardApp.Start();
        await app.Services.SignInAsync(email: "developer@localhost");
        Assert.True(app.Services.GetRequiredService<AccessDirectory>().IsEmpty);

        Assert.NotNull(await app.Services.GetRequiredService<StartLink>().MakeAsync(Stop));
        Assert.Equal("link made a link that makes an administrator", Lines(app)[^1]);

        await app.AddAsync("ann@example.com", Role.Administrator);
        Assert.Null(await app.Services.GetRequiredService<StartLink>().MakeAsync(Stop));
    }

    [Fact]
    public async Task Two_clicks_at_once_on_the_development_link_both_sign_in()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" });
        var link = await app.Services.GetRequiredService<StartLink>().MakeAsync(Stop);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var developer = new Visitor(app);
            (await developer.Client.GetAsync(link, Stop)).Dispose();
            return await developer.IsInAsync();
        }));

        Assert.All(answers, Assert.True);
        Assert.Single(Lines(app), "user made the administrator that the development link signs in");
    }

    [Fact]
    public async Task Account_of_the_development_link_is_audited()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" });
        using var developer = new Visitor(app);

        (await developer.Client.GetAsync(await app.Services.GetRequiredService<StartLink>().MakeAsync(Stop), Stop)).Dispose();

        Assert.True(await developer.IsInAsync());
        Assert.Equal("user made the administrator that the development link signs in", Lines(app)[^1]);
    }

    [Fact]
    public async Task Settings_that_are_others_than_at_the_start_before_are_audited_and_secrets_are_not()
    {
        Dictionary<string, string?> settings = new() { ["Retention:PersonalDataDays"] = "30", ["Access:Admin:Email"] = "ann@example.com", ["Access:Admin:Password"] = Visitor.GoodPassword };
        using (var first = DashboardApp.Start(settings: settings))
        {
            await first.Services.GetRequiredService<SettingsLog>().TellAsync(Stop);
            Assert.DoesNotContain(Lines(first), line => line.StartsWith("settings", StringComparison.Ordinal));
            var configuration = first.Services.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>();
            (configuration["Retention:PersonalDataDays"], configuration["Retention:ImportDays"], configuration["Access:Admin:Password"]) = ("14", "730", "another good password");

            await first.Services.GetRequiredService<SettingsLog>().TellAsync(Stop);
            await first.Services.GetRequiredService<SettingsLog>().TellAsync(Stop);

            Assert.Equal(["settings hash → hash", "settings not set → 730", "settings 30 → 14"], Lines(first).Where(line => line.StartsWith("settings", StringComparison.Ordinal)).Select(line => System.Text.RegularExpressions.Regex.Replace(line, "hash:[0-9a-f]{8}", "hash")));
        }
    }

    private static List<string> Lines(DashboardApp app)
    {
        using var database = app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext();
        return [.. database.Audit.Where(a => a.Actor == AuditEntry.Program && (a.Action != AuditAction.Settings || a.Subject != null)).OrderBy(a => a.RowId).Select(a => a.Action + " " + a.Detail)];
    }
}
