namespace LoyaltyDashboard.Live;

/// <summary>
/// One watcher. Signals that come while it works or rests are gathered into the next call; the last signal is always followed by a call.
/// A watcher that takes long is called less often, but never less than once in <see cref="LongestInterval"/> while changes come.
/// </summary>
public sealed class FeedSubscription : IAsyncDisposable
{
    /// <summary>At most four calls a second.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>At least one call in five seconds.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    private const int MostIds = 500;

    private readonly Func<FeedChanges, Task> _onChanged;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<FeedSubscription> _unsubscribe;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Task _loop;

    // Guarded by _gate: written by whoever publishes, taken by the loop.
    private readonly Lock _gate = new();
    private HashSet<string> _pending = [];
    private bool _many;
    private int _isStopped;

    internal FeedSubscription(Func<FeedChanges, Task> onChanged, TimeSpan interval, TimeProvider time, ILogger logger, Action<FeedSubscription> unsubscribe)
    {
        (_onChanged, _interval, _time, _logger, _unsubscribe) = (onChanged, interval, time, logger, unsubscribe);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Stops watching; returns when a call under way has ended. A second call, from wherever, only waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _unsubscribe(this);
        if (Interlocked.Exchange(ref _isStopped, 1) == 0)
        {
            await _stop.CancelAsync();
        }

        await _loop;
    }

    internal void Note(IReadOnlyCollection<string> ids)
    {
        lock (_gate)
        {
            if (!_many)
            {
                _pending.UnionWith(ids);
                _many = _pending.Count > MostIds;
            }

            if (_signal.CurrentCount == 0 && !_stop.IsCancellationRequested)
            {
                _signal.Release();
            }
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync(_stop.Token);
                var started = _time.GetTimestamp();
                try
                {
                    await _onChanged(Take());
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !_stop.IsCancellationRequested)
                {
                    // One broken watcher stays subscribed and hurts nobody else.
                    _logger.LogError(exception, "A subscriber of the import feed failed");
                }

                // Resting four times as long as the call took keeps watchers to a fifth of the machine under load.
                var rest = TimeSpan.FromTicks(Math.Clamp(_time.GetElapsedTime(started).Ticks * 4, _interval.Ticks, Math.Max(_interval.Ticks, LongestInterval.Ticks)));
                await Task.Delay(rest, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private FeedChanges Take()
    {
        lock (_gate)
        {
            // A signal that came between waking and here is answered by this call; left over, it would cause an empty one, which means "many".
            _signal.Wait(0);
            var changes = new FeedChanges(_many ? [] : _pending);
            (_pending, _many) = ([], false);
            return changes;
        }
    }
}
