using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class SitesPageTests(Chromium chromium) : BrowserTest(chromium)
{
    // Every site rests for an hour, so that Wix is never asked and each stays as the test says.
    protected override DashboardApp StartApp() => DashboardApp.Start(settings: new() { ["Wix:AppId"] = "the-app", ["Wix:AppSecret"] = "hush-app-secret", ["Wix:ApiBaseUrl"] = "http://127.0.0.1:9" });

    [Theory]
    [InlineData("light", 1440)]
    [InlineData("dark", 1440)]
    [InlineData("light", 1024)]
    [InlineData("light", 390)]
    [InlineData("dark", 390)]
    public async Task Sites_in_every_state_are_accessible_and_fit(string theme, int width)
    {
        var webhook = await SeedAsync();

        var page = await OpenAsync("/sites", theme, width, height: width == 390 ? 844 : 900);
        await Expect(page.Locator("tr.row")).ToHaveCountAsync(7);
        await LookTests.CheckAsync(page, $"sites {theme} {width}");
        Assert.Equal(0, await page.EvaluateAsync<int>("innerWidth > 900 ? [...document.querySelectorAll('tr.row')].filter(r => !r.querySelector('.reason') && r.getBoundingClientRect().height > 41).length : 0"));

        foreach (var path in (string[])["/", "/imports/" + webhook.ImportId])
        {
            var other = await OpenAsync(path, theme, width, height: width == 390 ? 844 : 900);
            await other.Locator(".follow").First.WaitForAsync();
            await LookTests.CheckAsync(other, $"{path} {theme} {width}");
        }
    }

    [Fact]
    public async Task Site_that_gets_into_trouble_is_shown_without_a_reload_and_moves_up_once_the_pointer_is_away()
    {
        await AnswerAsync(1, SiteLink.Connected, "Ada's");
        await AnswerAsync(2, SiteLink.Connected, "Bert's");
        var page = await OpenAsync("/sites");
        await Expect(page.Locator("a.file")).ToHaveTextAsync(["Ada's", "Bert's"]);
        await page.Locator("tr.row").First.HoverAsync();

        await AnswerAsync(2, SiteLink.Refused, "Bert's");

        // The page looks every five seconds by itself.
        await Expect(page.Locator(".c-link .status")).ToHaveTextAsync(["Connected", "Refused"], new() { Timeout = 15_000 });
        await page.Mouse.MoveAsync(5, 600);
        await Expect(page.Locator("a.file")).ToHaveTextAsync(["Bert's", "Ada's"]);
    }

    [Fact]
    public async Task Site_leads_to_its_imports()
    {
        await AnswerAsync(1, SiteLink.Connected, "Mine");
        await AnswerAsync(2, SiteLink.Connected, "Other");
        await PostAsync(new WixWebhook { FileName = "mine.csv" });
        await PostAsync(new WixWebhook { FileName = "other.csv", InstanceId = Instance(2) });
        var page = await OpenAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Sites" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Mine", Exact = true }).ClickAsync();

        await Expect(page.Locator("tr.row a.file")).ToHaveTextAsync(["mine.csv"]);
    }

    [Fact]
    public async Task Times_that_go_on_and_times_that_are_planned_read_as_such()
    {
        var page = await OpenAsync("/sites");

        var texts = await page.EvaluateAsync<string[]>(
            """
            [['span', 125], ['span', 0], ['span', 86400 * 400], ['due', 5], ['due', -90], ['', 40], ['', 86400 * 400]].map(([form, seconds]) => {
              const time = document.createElement('ago-time');
              if (form) time.setAttribute(form, '');
              time.setAttribute('at', new Date(Date.now() - seconds * 1000).toISOString());
              document.body.append(time);
              const text = time.textContent;
              time.remove();
              return text;
            })
            """);

        Assert.Equal(["2 min", "a moment", "400 d", "now", "in 1 min", "40 s ago"], texts[..6]);
        Assert.Matches(@"^\w+ \d+, \d{4}$", texts[6]);
    }

    private static string Instance(int site) => $"{WixWebhook.Site[..^1]}{site}";

    private Task AnswerAsync(int site, SiteLink link, string? name) => App.Services.GetRequiredService<IngestQueue>().EnqueueAsync(
        new SiteAnswer
        {
            InstanceId = Instance(site),
            At = DateTimeOffset.UtcNow,
            Link = link,
            NotBefore = DateTimeOffset.UtcNow.AddHours(1),
            Reason = link == SiteLink.Connected ? null : "Query Loyalty Imports: Wix does not let the app do this on this site (HTTP 403, PERMISSION_DENIED: The app has no permission for this).",
            SiteName = name,
            SiteUrl = "https://a-rather-long-address-of-a-site.example/with/a/path",
            OddAnswers = link == SiteLink.NotUnderstood ? 1_204 : 0,
            OddAnswer = "Wix listed something that is no import or has no id.",
        },
        Stop);

    private async Task<WixWebhook> SeedAsync()
    {
        var links = Enum.GetValues<SiteLink>();
        for (var i = 0; i < links.Length; i++)
        {
            // The rest first; an event of a site that removed the app would end it.
            await AnswerAsync(i + 1, SiteLink.Connected, null);
            await PostAsync(new WixWebhook { InstanceId = Instance(i + 1), Status = "PARSING" });
            await AnswerAsync(i + 1, links[i], i == 0 ? null : $"{links[i]} site{(i == 3 ? " with a name" + string.Concat(Enumerable.Repeat(" that goes on and on", 8)) : "")}");
        }

        return await PostAsync(new WixWebhook { InstanceId = Instance(1), Status = "IMPORTING" });
    }
}
