using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Watches how much memory a process holds, twice a second.</summary>
internal sealed class Memory(ServerProcess process) : IAsyncDisposable
{
    // A heap is swept when it is worth it, so it swings; what grows without end passes this soon.
    private const double MayGrow = 1.25;

    private readonly List<double> _megabytes = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Starts to watch.</summary>
    public static Memory Watch(ServerProcess process)
    {
        var memory = new Memory(process);
        memory._loop = memory.WatchAsync();
        return memory;
    }

    /// <summary>Ends the watch.</summary>
    /// <returns>The most in the first half and in the second, in MB, and whether the second stands much above the first.</returns>
    public async Task<(double First, double Second, bool Grows)> EndAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        var half = _megabytes.Count / 2;
        var (first, second) = (_megabytes.Take(half).DefaultIfEmpty().Max(), _megabytes.Skip(half).DefaultIfEmpty().Max());
        return (first, second, second > first * MayGrow);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                _megabytes.Add(process.ResidentBytes / (1024.0 * 1024));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException)
        {
        }
    }
}
