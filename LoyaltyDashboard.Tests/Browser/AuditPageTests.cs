using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class AuditPageTests(Chromium chromium) : BrowserTest(chromium)
{
    [Fact]
    public async Task Reads_by_scripts_are_left_out_on_the_page_and_in_its_export()
    {
        var log = App.Services.GetRequiredService<AuditLog>();
        await log.AppendAsync(new("key:1", AuditAction.ReadClear, "import:one"), Stop);
        await log.AppendAsync(new("user:1", AuditAction.Refresh, "import:two"), Stop);
        var page = await OpenAsync("/audit");
        var rows = page.Locator("tr.row");
        await Expect(rows.Filter(new() { HasText = "import:one" })).ToHaveCountAsync(1);

        await page.GetByLabel("What").SelectOptionAsync("All but reads by scripts");

        await Expect(rows.Filter(new() { HasText = "import:one" })).ToHaveCountAsync(0);
        await Expect(rows.Filter(new() { HasText = "import:two" })).ToHaveCountAsync(1);
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex(@"/audit\?action=-read-clear$"));
        await Expect(page.GetByText("Export CSV")).ToHaveAttributeAsync("href", "/api/audit/export?action=-read-clear");
        await Expect(page.GetByLabel("What")).ToHaveValueAsync("-read-clear");
    }

    [Fact]
    public async Task Account_that_a_line_is_about_stands_there_by_its_name()
    {
        var bea = await App.AddAsync("bea@example.com", Role.Viewer);
        await App.Services.GetRequiredService<AuditLog>().AppendAsync(new("user:1", AuditAction.User, $"user:{bea}", "is a Viewer now"), Stop);

        var page = await OpenAsync("/audit");

        await Expect(page.Locator("tr.row", new() { HasText = "is a Viewer now" }).Locator(".c-to")).ToHaveTextAsync("bea@example.com");
    }
}
