using LoyaltyDashboard.Live;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Tests.Following;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>Pages that stay open while an import is followed: no webhook, no reload, only Wix's answers.</summary>
public sealed class FollowedImportTests(Chromium chromium) : BrowserTest(chromium)
{
    private FollowedSandbox _wix = null!;

    [Fact]
    public async Task Import_goes_from_INITIATED_to_IMPORTED_on_open_pages_by_following_alone()
    {
        var import = _wix.Create("members", failures: 3, slower: 60);
        await _wix.AnnounceAsync(import);
        var list = await OpenAsync();
        var page = await OpenAsync("/imports/" + import.Id);
        await Expect(list.Locator("tr.row .status").First).ToHaveTextAsync("Initiated");
        await Expect(page.Locator(".steps li.now")).ToContainTextAsync("Initiated");

        foreach (var status in (string[])["Parsing", "Parsed", "Importing", "Imported"])
        {
            await FollowUntilAsync(status);
            await SeeAsync(page.Locator($".steps li.now:has-text('{status}')"));
            await SeeAsync(list.Locator($"tr.row:first-of-type .status:has-text('{status}')"));
        }

        await Expect(page.Locator(".history li")).ToHaveCountAsync(6);
        await Expect(page.Locator(".figures")).ToContainTextAsync("497");
        await Expect(page.Locator(".steps li small:has-text('Passed unseen')")).ToHaveCountAsync(0);
        await Expect(list.Locator("tr.row .figures-inline").First).ToContainTextAsync("497");
        await Expect(list.Locator(".tile:has-text('Rows imported')")).ToContainTextAsync("497");
    }

    [Fact]
    public async Task Refresh_now_asks_Wix_and_shows_what_it_says()
    {
        var import = await _wix.AnnounceAsync("members", waitsForEver: true);
        var page = await OpenAsync("/imports/" + import.Id);
        _wix.Time.Advance(TimeSpan.FromMinutes(1));

        await page.GetByRole(AriaRole.Button, new() { Name = "Refresh now" }).ClickAsync();

        await Expect(page.GetByText("Wix says: Parsed.")).ToBeVisibleAsync();
        await Expect(page.Locator(".head .status")).ToHaveTextAsync("Parsed");
    }

    protected override DashboardApp StartApp() => (_wix = new FollowedSandbox()).App;

    // Time passes, and Wix is asked as the schedule says, until the database knows it.
    private async Task FollowUntilAsync(string status)
    {
        for (var step = 0; step < 200 && (await _wix.FindAsync("members")).Row.Status.ToString() != status; step++)
        {
            await _wix.RunAsync(TimeSpan.FromSeconds(10));
        }
    }

    // Pages rest between two looks, on the same clock; nobody asks Wix meanwhile.
    private async Task SeeAsync(ILocator locator)
    {
        for (var look = 0; look < 50 && !await locator.IsVisibleAsync(); look++)
        {
            _wix.Time.Advance(FeedSubscription.ShortestInterval);
            await locator.Page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        }

        await Expect(locator).ToBeVisibleAsync();
    }
}
