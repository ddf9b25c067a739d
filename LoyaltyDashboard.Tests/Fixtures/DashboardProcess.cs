using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>The program as a process of its own, which can be killed.</summary>
public sealed class DashboardProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private DashboardProcess(Process process) => _process = process;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>All that it has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it in Production and waits for the line with the address.</summary>
    /// <param name="assembly">The program's dll.</param>
    /// <param name="workingDirectory">Where to start it.</param>
    /// <param name="settings">Configuration, as environment variables are named.</param>
    public static async Task<DashboardProcess> StartAsync(string assembly, string workingDirectory, params IEnumerable<(string Key, string Value)> settings)
    {
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0"]) { WorkingDirectory = workingDirectory, RedirectStandardOutput = true, RedirectStandardError = true };
        // The test host's own settings are not the program's.
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || k.StartsWith("DOTNET_", StringComparison.Ordinal)).Where(k => k != "DOTNET_ROOT").ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (key, value) in TestAccess.Settings.Select(s => (s.Key.Replace(":", "__", StringComparison.Ordinal), s.Value!)).Concat(settings))
        {
            start.Environment[key] = value;
        }

        var dashboard = new DashboardProcess(Process.Start(start)!);
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        dashboard._process.OutputDataReceived += (_, line) => dashboard.Note(line.Data, ready);
        dashboard._process.ErrorDataReceived += (_, line) => dashboard.Note(line.Data, ready);
        dashboard._process.BeginOutputReadLine();
        dashboard._process.BeginErrorReadLine();
        var ended = dashboard._process.WaitForExitAsync();
        if (await Task.WhenAny(ready.Task, ended) == ended)
        {
            throw new InvalidOperationException("The program ended before it was ready:\n" + dashboard.Output);
        }

        dashboard.Client = new HttpClient { BaseAddress = new Uri(await ready.Task) }.WithKey();
        return dashboard;
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Waits until it has ended by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal.</summary>
    public static async Task SignalAsync(int id, string signal, CancellationToken cancellation)
    {
        using var kill = Process.Start("kill", ["-" + signal, id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellation);
    }

    /// <summary>Waits until it has printed a line with these words.</summary>
    public async Task<string> LineAsync(string words, CancellationToken cancellation)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(cancellation))
        {
            if (line.Contains(words, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The program ended without the line \"{words}\":\n{Output}");
    }

    /// <summary>Ends it without any warning. What it had written is with the operating system; a power cut would be harder.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Note(string? line, TaskCompletionSource<string> ready)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line is not null)
        {
            _lines.Writer.TryWrite(line);
        }

        if (line?.IndexOf("http://", StringComparison.Ordinal) is >= 0 and var at && line.Contains("is ready", StringComparison.Ordinal))
        {
            ready.TrySetResult(line[at..].Trim());
        }
    }
}
