using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace LoyaltyDashboard.Live;

/// <summary>
/// The clients of <see cref="ImportsHub"/>. All hear the same message in the same beat, so it is made once, however many listen. A client that does not read fast enough
/// is passed over until it does, and then told "many"; one that does not read at all is dropped. Nobody waits for it.
/// </summary>
public sealed class ImportsHubClients : DefaultHubLifetimeManager<ImportsHub>, IAsyncDisposable
{
    /// <summary>A client that has not taken a message for so long is dropped.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private static readonly SerializedHubMessage _many = Message([]);

    private readonly ConcurrentDictionary<string, Listener> _listeners = new();
    private readonly TimeProvider _time;
    private readonly FeedSubscription _subscription;

    /// <summary>Begins to watch the feed.</summary>
    public ImportsHubClients(ImportFeed feed, TimeProvider time, ILogger<DefaultHubLifetimeManager<ImportsHub>> logger)
        : base(logger)
    {
        _time = time;
        _subscription = feed.Subscribe(Tell);
    }

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        _listeners[connection.ConnectionId] = new(connection, _time);
    }

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        _listeners.TryRemove(connection.ConnectionId, out _);
        return base.OnDisconnectedAsync(connection);
    }

    /// <summary>Stops watching.</summary>
    public ValueTask DisposeAsync() => _subscription.DisposeAsync();

    private static SerializedHubMessage Message(IReadOnlyCollection<string> ids) => new(new InvocationMessage(nameof(IImportsClient.ImportsChanged), [ids]));

    private Task Tell(FeedChanges changes)
    {
        if (!_listeners.IsEmpty)
        {
            var message = changes.Many ? _many : Message(changes.Ids);
            foreach (var (_, listener) in _listeners)
            {
                listener.Tell(message);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>One client. Told by one loop alone, which never waits for it.</summary>
    private sealed class Listener(HubConnectionContext connection, TimeProvider time)
    {
        private const int Free = 0, Busy = 1, Missing = 2;

        private int _state = Free;
        private long _busySince;

        public void Tell(SerializedHubMessage message)
        {
            if (Interlocked.CompareExchange(ref _state, Missing, Busy) != Free)
            {
                if (time.GetElapsedTime(Volatile.Read(ref _busySince)) > LongestSilence)
                {
                    connection.Abort();
                }

                return;
            }

            // A write ends at once while there is room between here and the client. What goes wrong in it ends the connection, not this.
            var write = connection.WriteAsync(message);
            if (!write.IsCompletedSuccessfully)
            {
                Volatile.Write(ref _busySince, time.GetTimestamp());
                Volatile.Write(ref _state, Busy);
                _ = CatchUpAsync(write);
            }
        }

        private async Task CatchUpAsync(ValueTask write)
        {
            try
            {
                while (true)
                {
                    await write;

                    // The rest between two messages holds for this client, too.
                    await Task.Delay(FeedSubscription.ShortestInterval, time, connection.ConnectionAborted);
                    if (Interlocked.CompareExchange(ref _state, Free, Busy) == Busy)
                    {
                        return;
                    }

                    Volatile.Write(ref _busySince, time.GetTimestamp());
                    Volatile.Write(ref _state, Busy);
                    write = connection.WriteAsync(_many);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                // It is gone.
            }
        }
    }
}
