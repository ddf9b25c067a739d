using System.Text.Json.Nodes;
using Deque.AxeCore.Playwright;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>Every page in both themes and both widths: no axe violation, nothing that scrolls sideways, the theme there with the first paint.</summary>
public sealed class LookTests(Chromium chromium) : BrowserTest(chromium)
{
    protected override bool IsExpected(string line) => line.Contains("404", StringComparison.Ordinal);

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1440)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task Every_page_is_accessible_and_fits(string theme, int width)
    {
        var webhook = await SeedVarietyAsync();
        foreach (var path in (string[])["/", "/?status=FAILED&mapping=broken&q=nothing", "/?colour=red", "/imports/" + webhook.ImportId, "/imports/nobody", "/deliveries", "/deliveries?outcome=stale", "/deliveries/1", "/deliveries/999", "/sites", "/sites?page=9", "/settings", "/audit", "/audit?action=gap", "/nowhere"])
        {
            var page = await OpenAsync(path, theme, width, height: width == 390 ? 844 : 900);
            if (path == "/")
            {
                await page.Locator("tr.row button.expand").First.ClickAsync();
                await page.Locator("table.samples").WaitForAsync();
            }
            else if (await page.Locator("details > summary").CountAsync() > 0)
            {
                await page.Locator("details > summary").First.ClickAsync();
            }

            await CheckAsync(page, $"{path} {theme} {width}");
            await page.Context.CloseAsync();
        }
    }

    [Theory]
    [InlineData("light")]
    [InlineData("dark")]
    public async Task Menus_dialogs_and_the_empty_page_are_accessible(string theme)
    {
        var page = await OpenAsync("/", theme);
        await CheckAsync(page, "empty");
        await PostAsync(new WixWebhook());
        foreach (var name in (string[])["Export", "Theme", "Status"])
        {
            await page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).First.ClickAsync();
            await page.Locator(".mud-popover-open").First.WaitForAsync();
            await CheckAsync(page, $"menu {name} {theme}");
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.Locator(".mud-popover-open")).ToHaveCountAsync(0);
        }

        await page.Keyboard.PressAsync("?");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        await CheckAsync(page, $"keys {theme}");
    }

    [Fact]
    public async Task Theme_is_chosen_once_and_there_before_any_script()
    {
        var page = await OpenAsync(theme: "light");
        await page.GetByRole(AriaRole.Button, new() { Name = "Theme" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Dark" }).ClickAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Equal("rgb(15, 20, 27)", await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));

        // The server writes the choice into the first bytes; nothing flashes.
        var html = await (await page.Context.APIRequest.GetAsync("/")).TextAsync();
        Assert.Contains("data-theme=\"dark\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Phone_shows_cards_and_a_bottom_bar()
    {
        await SeedVarietyAsync();
        var page = await OpenAsync(width: 390, height: 844, isTouch: true);

        var bar = await page.Locator("nav.rail").BoundingBoxAsync();
        Assert.True(bar!.Y > 700 && bar.Width == 390);
        var card = await page.Locator("tr.row").First.BoundingBoxAsync();
        Assert.True(card!.Height > 60);
        await page.Locator("tr.row a.file").First.TapAsync();
        await page.Locator(".steps").WaitForAsync();
    }

    [Theory]
    [InlineData(1180)]
    [InlineData(1200)]
    [InlineData(1280)]
    [InlineData(1360)]
    [InlineData(1440)]
    public async Task File_names_have_room(int width)
    {
        await PostAsync(new WixWebhook { FileName = "loyalty-members-2026-11-24-morning.csv" });
        var page = await OpenAsync("/", width: width);

        var name = await page.Locator("tr.row a.file").First.BoundingBoxAsync();

        Assert.InRange(name!.Width, 110, 400);
    }

    /// <summary>No axe violation, nothing that scrolls sideways, one heading, a title.</summary>
    internal static async Task CheckAsync(IPage page, string where)
    {
        // A glow or a fade under way would be measured as it looks at that moment.
        await page.EvaluateAsync("Promise.all(document.getAnimations().map(a => a.finished.catch(() => {})))");
        var result = await page.RunAxe();
        Assert.True(result.Violations.Length == 0, where + "\n" + string.Join('\n', result.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html + " " + string.Join(' ', n.Any.Select(a => a.Message))))}")));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), where + " scrolls sideways");
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        Assert.NotEqual(string.Empty, await page.TitleAsync());
    }

    private async Task<WixWebhook> SeedVarietyAsync()
    {
        foreach (var status in (string[])["INITIATED", "PARSING", "IMPORTING", "FAILED", "SLEEPING"])
        {
            await PostAsync(new WixWebhook { Status = status, FileName = status + new string('x', status.Length == 7 ? 200 : 0) + ".csv" });
        }

        await PostAsync(new WixWebhook { Status = "IMPORTED", Entity = e => e["importResult"] = new JsonObject { ["errorFileExists"] = true, ["successCount"] = 900, ["failureCount"] = 100 } });
        await App.PostAsync("rubbish");
        return await PostAsync(ImportsPageTests.WithSamples("samples.csv"));
    }
}
