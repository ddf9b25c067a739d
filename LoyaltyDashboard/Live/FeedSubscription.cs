namespace LoyaltyDashboard.Live;

/// <summary>
/// One watcher. Signals that come while it works or rests are gathered into the next call; the last signal is always followed by a call.
/// Where watchers take long, all are called less often, but none less than once in <see cref="LongestInterval"/> while changes come.
/// </summary>
public sealed class FeedSubscription : IAsyncDisposable
{
    /// <summary>At most four calls a second.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>At least one call in five seconds.</summary>
    public static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);

    /// <summary>More ids than these are "many": whoever hears of so many looks at everything anew.</summary>
    public const int MostIds = 200;

    private readonly Func<FeedChanges, Task> _onChanged;
    private readonly TimeSpan _interval;
    private readonly FeedPace _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<FeedSubscription> _unsubscribe;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Task _loop;

    // Guarded by _gate: written by whoever publishes, taken by the loop.
    private readonly Lock _gate = new();
    private List<IReadOnlyCollection<ChangedImport>>? _pending = [];
    private int _named;

    private long _share;
    private int _isStopped;

    internal FeedSubscription(Func<FeedChanges, Task> onChanged, TimeSpan interval, FeedPace pace, TimeProvider time, ILogger logger, Action<FeedSubscription> unsubscribe)
    {
        (_onChanged, _interval, _pace, _time, _logger, _unsubscribe) = (onChanged, interval, pace, time, logger, unsubscribe);
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

    // The list is shared by all subscriptions and never written to again; null names nothing.
    internal void Note(IReadOnlyCollection<ChangedImport>? imports)
    {
        lock (_gate)
        {
            if (imports is null || (_named += imports.Count) > MostIds)
            {
                _pending = null;
            }

            _pending?.Add(imports!);

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

                var took = _time.GetElapsedTime(started);
                await Task.Delay(RestAfter(took), _time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        finally
        {
            _pace.Leave(ref _share);
        }
    }

    // The longest interval is from call to call; one that takes most of it rests for half of it all the same.
    private TimeSpan RestAfter(TimeSpan took)
    {
        var longest = LongestInterval - TimeSpan.FromTicks(Math.Min(took.Ticks, LongestInterval.Ticks / 2));
        return TimeSpan.FromTicks(Math.Clamp(_pace.RestAfter(ref _share, took).Ticks, _interval.Ticks, Math.Max(_interval.Ticks, longest.Ticks)));
    }

    private FeedChanges Take()
    {
        lock (_gate)
        {
            // A signal that came between waking and here is answered by this call; left over, it would cause an empty one, which means "many".
            _signal.Wait(0);
            var changes = new FeedChanges(_pending);
            (_pending, _named) = ([], 0);
            return changes;
        }
    }
}
