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

        Assert.NotNull(await app.Services.GetRequiredService<StartLink>().MakeAsync());
        Assert.Equal("link made a link that makes an administrator", Lines(app)[^1]);

        await app.AddAsync("ann@example.com", Role.Administrator);
        Assert.Null(await app.Services.GetRequiredService<StartLink>().MakeAsync());
    }

    [Fact]
    public async Task Account_of_the_development_link_is_audited()
    {
        using var app = DashboardApp.Start(environment: "Development", settings: new() { ["Sandbox:Enabled"] = "false" });
        using var developer = new Visitor(app);

        (await developer.Client.GetAsync(await app.Services.GetRequiredService<StartLink>().MakeAsync(), Stop)).Dispose();

        Assert.True(await developer.IsInAsync());
        Assert.Equal("user made the administrator that the development link signs in", Lines(app)[^1]);
    }

    private static List<string> Lines(DashboardApp app)
    {
        using var database = app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext();
        return [.. database.Audit.Where(a => a.Actor == AuditEntry.Program).OrderBy(a => a.RowId).Select(a => a.Action + " " + a.Detail)];
    }
}
