using System.Text.RegularExpressions;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class ImportDetailPageTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Later_revision_moves_the_stepper_and_the_history_grows()
    {
        var webhook = await PostAsync(new WixWebhook { FileName = "moves.csv" });
        var page = await OpenAsync("/imports/" + webhook.ImportId);
        await Expect(page.Locator(".steps li.now")).ToContainTextAsync("Initiated");

        await PostAsync(webhook with { EventId = Guid.NewGuid().ToString(), Revision = "2", Status = "PARSING" });

        await Expect(page.Locator(".steps li.now")).ToContainTextAsync("Parsing");
        await Expect(page.Locator(".history li")).ToHaveCountAsync(2);
        await Expect(page.Locator(".history li").First).ToContainTextAsync("status Initiated → Parsing");
    }

    [Fact]
    public async Task Faulty_cell_is_marked_with_the_reason_and_the_verdict_says_why()
    {
        var webhook = await PostAsync(ImportsPageTests.WithSamples("faulty.csv"));
        var page = await OpenAsync("/imports/" + webhook.ImportId);

        await Expect(page.Locator("td.wrong")).ToHaveAttributeAsync("title", "It is not a whole number. Masked: operators may show it");
        await Expect(page.Locator(".findings")).ToContainTextAsync("POINTS: 1 of 2 sample cells in column 3 \"points\" do not look like whole numbers of points.");
    }

    [Fact]
    public async Task Raw_JSON_unfolds_can_be_searched_and_copied()
    {
        var webhook = await PostAsync(new WixWebhook { FileName = "raw.csv" });
        var page = await OpenAsync("/imports/" + webhook.ImportId);
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);

        await page.GetByText("Raw JSON").ClickAsync();
        await page.GetByPlaceholder("Find").FillAsync("raw.csv");
        await Expect(page.Locator("pre.raw mark")).ToHaveTextAsync(["raw.csv"]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.Contains($"\"id\": \"{webhook.ImportId}\"", await page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_with_an_id_that_is_no_GUID_has_a_page()
    {
        await PostAsync(new WixWebhook { ImportId = "odd/id with ü & 100%", FileName = "odd.csv" });
        var page = await OpenAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "odd.csv" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "odd.csv" })).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "odd.csv" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Real_event_and_the_documentation_sample_are_shown_with_every_field()
    {
        foreach (var name in (string[])["shape-initiated", "entity-seed-verbatim"])
        {
            // Their tokens are signed by the key of the cases.
            var (_, body, now) = WixCases.All.Single(c => c.Name == name);
            using var app = DashboardApp.Start(new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now)), settings: new() { ["Wix:PublicKeys:0"] = WixCases.PublicKeyPem });
            using var content = new ByteArrayContent(body);
            Assert.True((await app.Client.PostAsync("/webhooks/wix", content, Stop)).IsSuccessStatusCode);
            var payload = WixCases.Answers[name].GetProperty("parsed").GetProperty("payload");
            var page = await OpenAsync("/imports/" + payload.GetProperty("entityId").GetString(), of: app);
            await Expect(page.Locator(".steps")).ToBeVisibleAsync();
            var html = await page.Locator("main").InnerTextAsync();
            foreach (var field in (string[])["id", "entityId", "slug", "entityFqdn"])
            {
                Assert.Contains(payload.GetProperty(field).GetString()!, html, StringComparison.Ordinal);
            }

            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Page_without_an_id_is_the_list_and_the_way_back_keeps_the_page()
    {
        await SeedAsync(30);
        var page = await OpenAsync("/imports/?pageSize=25&page=2");
        await Expect(page).ToHaveURLAsync(new Regex(@"/\?page=2&pageSize=25$"));

        await new ImportsPageObject(page).FileLinks.First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "← Imports" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Regex(@"/\?page=2&pageSize=25$"));
        await Expect(new ImportsPageObject(page).Rows).ToHaveCountAsync(5);
    }

    [Fact]
    public async Task List_of_keys_opens_on_every_page()
    {
        foreach (var path in (string[])["/deliveries", "/imports/nobody"])
        {
            var page = await OpenAsync(path);
            await page.Keyboard.PressAsync("?");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Sample rows in place");
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

            // Also after it was closed by its button.
            await page.Keyboard.PressAsync("?");
            await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
            await page.Keyboard.PressAsync("?");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(1);
        }
    }

    [Fact]
    public async Task Unknown_id_says_so_and_leads_back()
    {
        var page = await OpenAsync("/imports/nobody");

        await Expect(page.GetByText("No import has the id nobody")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "To the list" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/$"));
    }
}
