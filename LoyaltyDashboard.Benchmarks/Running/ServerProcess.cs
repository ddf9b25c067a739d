using System.Diagnostics;
using System.Text;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>A server as a process of its own, on loopback. Whatever it is, it prints a line that says that it is ready.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan _longestStart = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process) => _process = process;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>How long it took from the start of the process to the line that says that it is ready.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

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

    /// <summary>Processor time it has used so far, both of its own and of the system for it.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of memory it holds now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="isReady">Reads the address from a line it prints; null for any other line.</param>
    /// <exception cref="InvalidOperationException">It ended, or did not become ready in time.</exception>
    public static async Task<ServerProcess> StartAsync(ProcessStartInfo start, Func<string, Uri?> isReady)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        var clock = Stopwatch.StartNew();
        var server = new ServerProcess(Process.Start(start)!);
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(string? line)
        {
            lock (server._output)
            {
                server._output.AppendLine(line);
            }

            if (line is not null && isReady(line) is { } address && ready.TrySetResult(address))
            {
                server.StartTime = clock.Elapsed;
            }
        }

        server._process.OutputDataReceived += (_, line) => Note(line.Data);
        server._process.ErrorDataReceived += (_, line) => Note(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        if (await Task.WhenAny(ready.Task, server._process.WaitForExitAsync(), Task.Delay(_longestStart)) != ready.Task)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not become ready:\n{server.Output}");
        }

        server.Address = await ready.Task;
        return server;
    }

    /// <summary>Sends a signal by number or name, as <c>kill</c> knows it.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(Text.Culture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitForExitAsync(CancellationToken cancellation = default)
    {
        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    /// <summary>Ends it without any warning.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    /// <summary>Ends it, if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }
}
