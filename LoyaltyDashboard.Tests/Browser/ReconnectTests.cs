using System.Net;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Browser;

public sealed class ReconnectTests(Chromium chromium) : BrowserTest(chromium)
{
    // A browser says in its console that a server is gone.
    protected override bool IsExpected(string line) => true;

    protected override DashboardApp StartApp() => DashboardApp.Start(port: LastingPort.Find());

    [Fact]
    public async Task Page_says_that_the_server_is_gone_and_is_usable_again_after_a_restart()
    {
        await PostAsync(new WixWebhook { FileName = "before.csv" });
        var page = await OpenAsync();
        var imports = new ImportsPageObject(page);
        await Expect(imports.Row("before.csv")).ToBeVisibleAsync();
        var (first, port) = (App, App.Client.BaseAddress!.Port);

        await first.DisposeAsync();
        await Expect(page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        await Expect(imports.Badge).ToHaveTextAsync("Reconnecting");
        App = DashboardApp.Start(databasePath: first.DatabasePath, port: port, settings: new() { ["Wix:PublicKeys:0"] = first.Key.ExportSubjectPublicKeyInfoPem() });
        try
        {
            await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync(new() { Timeout = 60_000 });
            await ReadyAsync(page);
            Assert.Equal(HttpStatusCode.OK, (await App.PostAsync(new WixWebhook { FileName = "after.csv" }.Sign(first.Key))).StatusCode);
            await Expect(imports.FileLinks).ToHaveTextAsync(["after.csv", "before.csv"]);
        }
        finally
        {
            ((IDisposable)first).Dispose();
        }
    }
}
