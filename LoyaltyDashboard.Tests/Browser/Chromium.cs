using System.Diagnostics;
using LoyaltyDashboard.Tests.Browser;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>
/// The one browser of a test run: an installed Chromium or Chrome first, then Playwright's own download, then the system's package manager (as root only,
/// and said in one line). One that is found but does not start counts as not found. None to be had fails the tests; they are never skipped.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];

    // Without these, Chromium asks its maker's hosts for updates and word lists while it starts.
    private static readonly string[] _quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage"];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The browser, started when a test first needs it, so that a run of other tests needs none.</summary>
    public async Task<IBrowser> BrowserAsync()
    {
        await _starting.WaitAsync();
        try
        {
            return _browser ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _starting.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        _playwright = await Playwright.CreateAsync();
        var faults = new List<string>();
        foreach (var path in Installed())
        {
            if (await TryLaunchAsync(path, faults) is { } browser)
            {
                return browser;
            }
        }

        Console.WriteLine("Browser tests: no Chromium or Chrome that starts was found; asking Playwright for one.");
        if (Program("install", "chromium") == 0 && await TryLaunchAsync(null, faults) is { } downloaded)
        {
            return downloaded;
        }

        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && OnPath("apt-get") is { } packages)
        {
            Console.WriteLine("Browser tests: Playwright could not fetch one; installing the system's package chromium with apt-get.");
            await RunAsync(packages, "update");
            await RunAsync(packages, "install -y --no-install-recommends chromium");
            if (OnPath("chromium") is { } installed && await TryLaunchAsync(installed, faults) is { } browser)
            {
                return browser;
            }
        }

        throw new InvalidOperationException(
            "The browser tests need Chromium or Chrome, and none was found that starts. Install one (on Debian and Ubuntu: sudo apt-get install chromium), or put its path into CHROME_PATH.\n" + string.Join('\n', faults));
    }

    private async Task<IBrowser?> TryLaunchAsync(string? path, List<string> faults)
    {
        try
        {
            // Chromium's sandbox refuses to work as root, and in most containers.
            return await _playwright!.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = OperatingSystem.IsLinux() ? [.. _quiet, "--no-sandbox"] : _quiet });
        }
        catch (PlaywrightException exception)
        {
            faults.Add($"{path ?? "Playwright's own"}: {exception.Message.Split('\n')[0]}");
            return null;
        }
    }

    private static IEnumerable<string> Installed()
    {
        var told = Environment.GetEnvironmentVariable("CHROME_PATH");
        string?[] paths =
        [
            told,
            .. _names.Select(OnPath),
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            @"C:\Program Files\Google\Chrome\Application\chrome.exe",
            @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        ];
        return paths.Where(File.Exists).Distinct()!;
    }

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)).FirstOrDefault(File.Exists);

    private static int Program(params string[] arguments) => Microsoft.Playwright.Program.Main(arguments);

    private static async Task RunAsync(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" } })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }
}
