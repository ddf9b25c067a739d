using System.Diagnostics;
using System.Globalization;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A real browser with the imports page open, all of whose processes can be stopped at once.</summary>
internal sealed class FrozenBrowser : IAsyncDisposable
{
    private readonly Process _process;

    private FrozenBrowser(Process process) => _process = process;

    /// <summary>Opens the page; null where there is no Chromium.</summary>
    public static FrozenBrowser? TryOpen(Uri page, string profile)
    {
        var start = new ProcessStartInfo("chromium",
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
            "--remote-debugging-port=0", "--user-data-dir=" + profile, page.ToString(),
        ])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            var process = Process.Start(start)!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            return new(process);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Stops every process of it.</summary>
    public async Task FreezeAsync()
    {
        foreach (var id in Family())
        {
            await SignalAsync("STOP", id);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var id in Family())
        {
            await SignalAsync("KILL", id);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    // It and all that it started, by who started whom.
    private List<int> Family()
    {
        var family = new List<int> { _process.Id };
        for (var i = 0; i < family.Count; i++)
        {
            foreach (var children in Directory.Exists($"/proc/{family[i]}/task") ? Directory.GetDirectories($"/proc/{family[i]}/task").Select(t => Path.Combine(t, "children")).Where(File.Exists) : [])
            {
                family.AddRange(File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture)).Except(family));
            }
        }

        return family;
    }

    private static async Task SignalAsync(string signal, int id)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + signal, id.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }
}
