namespace LoyaltyDashboard.Wix;

/// <summary>
/// Keeps the requests for each instance of the app within Wix's limit, in every sliding minute. Who finds no room waits; first come, first served.
/// For any number of threads.
/// </summary>
public sealed class WixRequestBudget(TimeProvider time)
{
    /// <summary>Requests that Wix allows an instance in a minute.</summary>
    public const int PerMinute = 200;

    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Instance> _instances = new(StringComparer.Ordinal);
    private long _lastSweep = time.GetTimestamp();

    /// <summary>Instances that are remembered: those with a request in the last minute or so, or with somebody waiting.</summary>
    internal int InstanceCount
    {
        get
        {
            lock (_lock)
            {
                return _instances.Count;
            }
        }
    }

    /// <summary>Requests sent for an instance in the last 60 seconds.</summary>
    public int Used(string instanceId)
    {
        lock (_lock)
        {
            if (!_instances.TryGetValue(instanceId, out var instance))
            {
                return 0;
            }

            ForgetOld(instance);
            return instance.Sent.Count;
        }
    }

    /// <summary>Returns when one request may be sent, which counts as sent from then on.</summary>
    /// <exception cref="OperationCanceledException">The wait was given up; nothing is counted.</exception>
    internal Task EnterAsync(string instanceId, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellation);
        }

        Waiter waiter;
        lock (_lock)
        {
            ForgetIdleInstances();
            if (!_instances.TryGetValue(instanceId, out var instance))
            {
                _instances.Add(instanceId, instance = new Instance());
            }

            ForgetOld(instance);
            if (instance.Waiting.Count == 0 && instance.Sent.Count < PerMinute)
            {
                instance.Sent.Enqueue(time.GetTimestamp());
                return Task.CompletedTask;
            }

            instance.Waiting.AddLast(waiter = new Waiter(instance));
            WaitForRoom(instance);
        }

        return WaitAsync(waiter, cancellation);
    }

    private async Task WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(_ => GiveUp(waiter, cancellation), null);
        await waiter.Entered.Task;
    }

    private void GiveUp(Waiter waiter, CancellationToken cancellation)
    {
        lock (_lock)
        {
            // Let in at the same moment: then it stays in.
            if (waiter.Entered.TrySetCanceled(cancellation))
            {
                waiter.Instance.Waiting.Remove(waiter);
            }
        }
    }

    private void LetIn(Instance instance)
    {
        lock (_lock)
        {
            instance.Timer?.Dispose();
            instance.Timer = null;
            ForgetOld(instance);
            while (instance.Sent.Count < PerMinute && instance.Waiting.First is { } first)
            {
                instance.Waiting.RemoveFirst();
                instance.Sent.Enqueue(time.GetTimestamp());
                first.Value.Entered.SetResult();
            }

            if (instance.Waiting.Count > 0)
            {
                WaitForRoom(instance);
            }
        }
    }

    // Under the lock. One timer an instance, set to the moment the oldest request leaves the window.
    private void WaitForRoom(Instance instance)
    {
        if (instance.Timer is not null)
        {
            return;
        }

        // Timers count whole milliseconds: rounded up, else one fires early and runs in circles.
        var left = _window - (instance.Sent.TryPeek(out var oldest) ? time.GetElapsedTime(oldest) : _window);
        left = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(left.TotalMilliseconds, 1)));
        instance.Timer = time.CreateTimer(_ => LetIn(instance), null, left, Timeout.InfiniteTimeSpan);
    }

    private void ForgetOld(Instance instance)
    {
        while (instance.Sent.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= _window)
        {
            instance.Sent.Dequeue();
        }
    }

    private void ForgetIdleInstances()
    {
        if (time.GetElapsedTime(_lastSweep) < _window)
        {
            return;
        }

        _lastSweep = time.GetTimestamp();
        foreach (var (id, instance) in _instances)
        {
            ForgetOld(instance);
            if (instance.Sent.Count == 0 && instance.Waiting.Count == 0)
            {
                instance.Timer?.Dispose();
                _instances.Remove(id);
            }
        }
    }

    private sealed class Instance
    {
        public Queue<long> Sent { get; } = new();

        public LinkedList<Waiter> Waiting { get; } = new();

        public ITimer? Timer { get; set; }
    }

    private sealed class Waiter(Instance instance)
    {
        public Instance Instance { get; } = instance;

        // Continuations run elsewhere: this is completed under the lock.
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
