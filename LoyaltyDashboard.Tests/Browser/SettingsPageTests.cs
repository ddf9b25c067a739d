using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>Users and keys on the settings page, the account menu, and what a change of somebody's rights does to their open page.</summary>
public sealed class SettingsPageTests(Chromium chromium) : BrowserTest(chromium)
{
    // An open page of somebody who is shut out is refused the connection it tries once more.
    protected override bool IsExpected(string line) => line.Contains("401", StringComparison.Ordinal) || line.Contains("WebSocket", StringComparison.OrdinalIgnoreCase) || line.Contains("Connection disconnected", StringComparison.Ordinal);

    [Fact]
    public async Task Somebody_is_invited_comes_and_stands_in_the_list_by_themselves()
    {
        await PostAsync(new WixWebhook());
        var page = await OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await page.Locator(".mud-dialog select").SelectOptionAsync(nameof(Role.Operator));
        await page.GetByLabel("Only these").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Choose one site");
        await page.GetByRole(AriaRole.Checkbox).First.CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();

        var link = new Uri(await page.GetByRole(AriaRole.Textbox, new() { Name = "Link" }).InputValueAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        Assert.Equal(App.Client.BaseAddress!.Port, link.Port);
        using var bea = new Visitor(App);
        (await bea.SubmitAsync(link.PathAndQuery, "enter", ("email", "bea@example.com"), ("password", Visitor.GoodPassword), ("again", Visitor.GoodPassword))).Dispose();

        var row = page.Locator("tr.row", new() { HasText = "bea@example.com" });
        await Expect(row).ToContainTextAsync("Operator");
        Assert.Single(App.Services.GetRequiredService<AccessDirectory>().Account(App.Services.AccountId("bea@example.com"))!.Sites!);
    }

    [Fact]
    public async Task Site_is_found_among_many_and_Enter_in_the_search_sends_nothing()
    {
        const int sites = 130;
        await SeedAsync(sites, i => new WixWebhook { InstanceId = SiteOf(i) });
        var page = await OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await page.GetByLabel("Only these").CheckAsync();
        var choices = page.Locator(".of-sites input");
        await Expect(choices).ToHaveCountAsync(100);
        await Expect(page.Locator(".of-sites")).ToContainTextAsync("30 more: type a part of the name.");
        await LookTests.CheckAsync(page, "invite to one of many sites");

        var search = page.GetByLabel("Find a site");
        await search.FillAsync(SiteOf(127)[..8]);
        await Expect(choices).ToHaveCountAsync(1);
        await choices.CheckAsync();
        await search.PressAsync("Enter");
        await search.FillAsync("nobody's");
        await Expect(page.GetByText("No site of that name.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Only these");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();

        await page.GetByRole(AriaRole.Textbox, new() { Name = "Link" }).WaitForAsync();
        Assert.Equal([SiteOf(127)], Assert.Single(await App.Services.GetRequiredService<Links>().OpenAsync(Stop)).Sites!);

        static string SiteOf(int number) => $"{number:x8}-1111-4111-8111-111111111111";
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("dashboard.localhost", false)]
    public async Task Link_leads_to_the_name_by_which_the_administrator_is_there(string? host, bool isOfThisMachine)
    {
        var page = await OpenAsync("/settings", host: host);
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();

        var link = await page.GetByRole(AriaRole.Textbox, new() { Name = "Link" }).InputValueAsync();

        Assert.StartsWith($"http://{host ?? App.Client.BaseAddress!.Host}:{App.Client.BaseAddress!.Port}/enter/", link, StringComparison.Ordinal);
        await Expect(page.GetByText("It leads to this machine")).ToHaveCountAsync(isOfThisMachine ? 1 : 0);
    }

    [Fact]
    public async Task Link_that_is_out_is_listed_and_taken_back()
    {
        var page = await OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await page.Locator(".mud-dialog select").SelectOptionAsync(nameof(Role.Operator));
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = new Uri(await page.GetByRole(AriaRole.Textbox, new() { Name = "Link" }).InputValueAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        var row = page.Locator("tr.row", new() { HasText = "An invitation" });
        await Expect(row).ToContainTextAsync("Operator");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();

        await Expect(row).ToHaveCountAsync(0);
        using var bea = new Visitor(App);
        Assert.Empty((await bea.ReadAsync(link.PathAndQuery)).QuerySelectorAll("form"));
    }

    [Fact]
    public async Task Person_is_forgotten_and_retention_says_what_it_would_remove()
    {
        await PostAsync(new GivenImport { Id = "one", FileName = "members.csv", Samples = [["ada@example.com", "Ada"], ["bob@example.com", "Bob"]] }.ToWebhook());
        var page = await OpenAsync("/settings");

        await page.GetByRole(AriaRole.Button, new() { Name = "What would be removed?" }).ClickAsync();
        await Expect(page.Locator("section", new() { HasText = "Retention:*" })).ToContainTextAsync("Nothing would be removed now.");

        await page.GetByLabel("E-mail address").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget", Exact = true }).ClickAsync();
        await Expect(page.GetByText("This is no e-mail address")).ToBeVisibleAsync();

        await page.GetByLabel("E-mail address").FillAsync("Ada@Example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Forget", Exact = true }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Forget", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Forgotten. Removed: 1 sample row in 1 import, 1 raw body.")).ToBeVisibleAsync();

        await page.GotoAsync("/imports/one");
        await Expect(page.GetByText("with a person who is to be forgotten went")).ToBeVisibleAsync();
        await ReadyAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Deleted.")).ToBeVisibleAsync();
        Assert.Null(await App.Imports.FindAsync(Reader.System, "one", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task File_is_written_anew_when_unused_parts_may_hold_what_was_removed()
    {
        await using (var database = await App.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop))
        {
            await database.Database.ExecuteSqlAsync($"INSERT INTO notes (Name, Value) VALUES ({DatabaseSetup.OldPagesNote}, 'not overwritten')", Stop);
        }

        var page = await OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write the file anew" }).ClickAsync();
        await page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Write it anew" }).ClickAsync();

        await Expect(page.GetByText("The file is written anew.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Write the file anew" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Change_of_rights_reaches_an_open_page()
    {
        await App.AddAsync("bea@example.com", Role.Administrator);
        var id = await App.AddAsync("ann@example.com");
        var hers = await OpenAsync(cookie: await App.Services.SignInAsync(email: "ann@example.com"));
        await hers.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account") }).ClickAsync();
        await Expect(hers.Locator("#account-menu")).ToContainTextAsync("Viewer");
        await Expect(hers.Locator("nav.rail a[href=settings]")).ToHaveCountAsync(0);

        var page = await OpenAsync("/settings");
        await MenuAsync(page, "ann@example.com", "Role and sites");
        await page.Locator(".mud-dialog select").SelectOptionAsync(nameof(Role.Administrator));
        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();
        await Expect(hers.Locator("nav.rail a[href=settings]")).ToHaveCountAsync(1);
        await ReadyAsync(hers);

        await MenuAsync(page, "ann@example.com", "Shut");
        await page.GetByRole(AriaRole.Button, new() { Name = "Shut", Exact = true }).ClickAsync();
        await Expect(page.Locator("tr.row", new() { HasText = "ann@example.com" })).ToContainTextAsync("shut");
        await Expect(hers).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
        Assert.Equal(Role.None, App.Services.GetRequiredService<AccessDirectory>().Account(id)!.Role);
    }

    [Fact]
    public async Task Key_is_made_shown_once_used_and_revoked()
    {
        var page = await OpenAsync("/settings");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a key" }).ClickAsync();
        await page.GetByLabel("What it is for").FillAsync("report");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        var key = await page.GetByRole(AriaRole.Textbox, new() { Name = "Key" }).InputValueAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        using var script = App.ClientOf(null).WithKey(key);
        Assert.True((await script.GetAsync("/api/imports", Stop)).IsSuccessStatusCode);
        Assert.DoesNotContain(key, await page.ContentAsync(), StringComparison.Ordinal);

        var row = page.Locator("tr.row", new() { HasText = "report" });
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Expect(row).ToContainTextAsync("revoked");
        Assert.False((await script.GetAsync("/api/imports", Stop)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Account_menu_signs_out()
    {
        var cookie = await App.Services.SignInAsync(Role.Viewer, email: "ann@example.com");
        var page = await OpenAsync(cookie: cookie, width: 390, height: 844);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account") }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
        using var copy = App.ClientOf(cookie);
        Assert.Equal(System.Net.HttpStatusCode.Redirect, (await copy.GetAsync("/", Stop)).StatusCode);
    }

    [Fact]
    public async Task Personal_data_are_shown_for_a_reason_and_masked_again()
    {
        var webhook = await PostAsync(ImportsPageTests.WithSamples("samples.csv"));
        var cookie = await App.Services.SignInAsync(Role.Operator, email: "ann@example.com");
        var page = await OpenAsync("/imports/" + webhook.ImportId, cookie: cookie);
        await Expect(page.Locator("table.samples")).ToContainTextAsync("•");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show personal data" }).First.ClickAsync();
        await page.GetByLabel("Reason").FillAsync("a member asks");
        await LookTests.CheckAsync(page, "reveal");
        await page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();

        await Expect(page.Locator(".reveal-note.on").First).ToContainTextAsync("Shown until");
        await Expect(page.Locator("table.samples")).Not.ToContainTextAsync("•");
        await page.GetByRole(AriaRole.Button, new() { Name = "Hide" }).First.ClickAsync();
        await Expect(page.Locator("table.samples")).ToContainTextAsync("•");
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Dialogs_and_the_account_menu_are_accessible(string theme)
    {
        var page = await OpenAsync("/settings", theme);
        await page.Locator("button.account").ClickAsync();
        await LookTests.CheckAsync(page, "account menu " + theme);
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        await page.GetByLabel("Only these").CheckAsync();
        await LookTests.CheckAsync(page, "invite " + theme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await page.Locator("tr.row .menu.more button").First.ClickAsync();
        await page.Locator(".mud-popover-open").First.WaitForAsync();
        await LookTests.CheckAsync(page, "menu of a user " + theme);
    }

    private static async Task MenuAsync(IPage page, string email, string item)
    {
        await page.Locator("tr.row", new() { HasText = email }).Locator(".menu.more button").ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = item }).ClickAsync();
    }
}
