using System.Collections.Concurrent;
using System.Net;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>
/// A real page of the real program in a real Chromium. Every test ends with the claim that the browser's console and the server's log stayed clean, and that no page
/// loaded anything from another host.
/// </summary>
public abstract class BrowserTest(Chromium chromium) : IAsyncLifetime
{
    // Long enough for a busy machine; nothing waits this long unless it fails.
    private const int LongestWait = 30_000;

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly List<IBrowserContext> _contexts = [];

    static BrowserTest() => Assertions.SetDefaultExpectTimeout(LongestWait);

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected DashboardApp App { get; set; } = null!;

    protected virtual DashboardApp StartApp() => DashboardApp.Start();

    public virtual ValueTask InitializeAsync()
    {
        App = StartApp();
        return default;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var context in _contexts)
        {
            await context.DisposeAsync();
        }

        string[] warnings = [.. App.Warnings];
        ((IDisposable)App).Dispose();
        Assert.Empty(_faults);
        Assert.Empty(warnings);
    }

    /// <summary>A page in a browser of its own, of an administrator unless there is a cookie, ready for clicks. A plain one has no circuit.</summary>
    protected async Task<IPage> OpenAsync(string path = "/", string theme = "light", int width = 1440, int height = 900, bool isTouch = false, DashboardApp? of = null, string? scriptBefore = null, System.Net.Cookie? cookie = null, Action<IPage>? watch = null, string? host = null, bool isPlain = false)
    {
        var browser = await chromium.BrowserAsync();
        var address = (of ?? App).Client.BaseAddress!;
        address = host is null ? address : new UriBuilder(address) { Host = host }.Uri;
        var context = await browser.NewContextAsync(new() { BaseURL = address.ToString(), ViewportSize = new() { Width = width, Height = height }, HasTouch = isTouch, Locale = "en-US", TimezoneId = "UTC" });
        _contexts.Add(context);
        var signIn = cookie ?? await (of ?? App).Services.SignInAsync(email: "browser@example.com");
        await context.AddCookiesAsync([new() { Name = "theme", Value = theme, Url = address.ToString() }, new() { Name = signIn.Name, Value = signIn.Value, Url = address.ToString() }]);
        context.SetDefaultTimeout(LongestWait);
        if (scriptBefore is not null)
        {
            await context.AddInitScriptAsync(scriptBefore);
        }

        var page = await context.NewPageAsync();
        watch?.Invoke(page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsExpected(message.Text))
            {
                _faults.Enqueue($"console: {message.Text}");
            }
        };
        page.PageError += (_, error) => _faults.Enqueue($"script: {error}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                _faults.Enqueue($"another host: {request.Url}");
            }
        };
        await page.GotoAsync(path);
        if (!isPlain)
        {
            await ReadyAsync(page);
        }

        return page;
    }

    /// <summary>Console lines that the test provokes.</summary>
    protected virtual bool IsExpected(string line) => false;

    protected static Task ReadyAsync(IPage page) => page.Locator("[data-interactive=true]").WaitForAsync();

    protected async Task<WixWebhook> PostAsync(WixWebhook webhook)
    {
        Assert.Equal(HttpStatusCode.OK, (await App.PostAsync(webhook)).StatusCode);
        return webhook;
    }

    /// <summary>Imports whose file names count up, in this order of arrival.</summary>
    protected async Task SeedAsync(int count, Func<int, WixWebhook>? make = null)
    {
        for (var i = 1; i <= count; i++)
        {
            await PostAsync(make?.Invoke(i) ?? new WixWebhook { FileName = $"file-{i:000}.csv" });
        }
    }

    protected static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    protected static IPageAssertions Expect(IPage page) => Assertions.Expect(page);
}
