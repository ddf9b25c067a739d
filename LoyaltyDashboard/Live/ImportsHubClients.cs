using System.Collections.Concurrent;
using System.Security.Claims;
using LoyaltyDashboard.Access;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace LoyaltyDashboard.Live;

/// <summary>
/// The clients of <see cref="ImportsHub"/>. All hear the same message in the same beat, so it is made once, however many listen; those who are limited to some sites hear of
/// these, in a message for each set of sites, and those who may see nothing hear nothing. What a client may see is asked anew in each beat. A client that does not read fast
/// enough is passed over until it does, and then told "many"; one that does not read at all is dropped. Nobody waits for it.
/// </summary>
public sealed class ImportsHubClients : DefaultHubLifetimeManager<ImportsHub>, IAsyncDisposable
{
    /// <summary>
    /// How long a client may leave what it is sent unread before it is hung up on. SignalR itself drops only those that say nothing; one that says that it lives and reads
    /// nothing would hold its buffers for ever.
    /// </summary>
    public static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    private static readonly SerializedHubMessage _many = Message([]);

    private readonly ConcurrentDictionary<string, Listener> _listeners = new();
    private readonly Func<ClaimsPrincipal?, Reader> _readerOf;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FeedSubscription _subscription;

    /// <summary>Begins to watch the feed.</summary>
    public ImportsHubClients(ImportFeed feed, Func<ClaimsPrincipal?, Reader> readerOf, TimeProvider time, ILogger<DefaultHubLifetimeManager<ImportsHub>> logger)
        : base(logger)
    {
        (_readerOf, _time, _logger) = (readerOf, time, logger);
        _subscription = feed.SubscribeAlone(Tell);
    }

    /// <summary>How many there are.</summary>
    public int Count => _listeners.Count;

    /// <summary>How many of them have not read what they were sent, or have only just done so.</summary>
    public int Behind => _listeners.Values.Count(listener => listener.IsBehind);

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(HubConnectionContext connection)
    {
        await base.OnConnectedAsync(connection);
        _listeners[connection.ConnectionId] = new(connection, _time, _logger);
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
            var ofSites = new Dictionary<string, SerializedHubMessage?>(StringComparer.OrdinalIgnoreCase);
            foreach (var (_, listener) in _listeners)
            {
                var reader = _readerOf(listener.User);
                if ((reader.MaySee(null) ? message : OfSites(reader, changes, ofSites)) is { } heard)
                {
                    listener.Tell(heard);
                }
            }
        }

        return Task.CompletedTask;
    }

    // Null: nothing of theirs changed.
    private static SerializedHubMessage? OfSites(Reader reader, FeedChanges changes, Dictionary<string, SerializedHubMessage?> known)
    {
        List<string> sites = [.. (reader.Sites ?? []).Where(reader.MaySee).Order(StringComparer.OrdinalIgnoreCase)];
        if (sites.Count == 0 || changes.Many)
        {
            return sites.Count == 0 ? null : _many;
        }

        var key = string.Join('\n', sites);
        if (!known.TryGetValue(key, out var message))
        {
            var ids = changes.Imports.Where(import => reader.MaySee(import.InstanceId)).Select(import => import.Id).ToHashSet();
            known[key] = message = ids.Count == 0 ? null : Message(ids);
        }

        return message;
    }

    /// <summary>One client. Told by one loop alone, which never waits for it.</summary>
    private sealed class Listener(HubConnectionContext connection, TimeProvider time, ILogger logger)
    {
        private const int Free = 0, Busy = 1, Missing = 2;

        private int _state = Free;

        public ClaimsPrincipal User => connection.User;

        public bool IsBehind => Volatile.Read(ref _state) != Free;

        public void Tell(SerializedHubMessage message)
        {
            if (Interlocked.CompareExchange(ref _state, Missing, Busy) != Free)
            {
                return;
            }

            // A write ends at once while there is room between here and the client. What goes wrong in it ends the connection, not this.
            var write = connection.WriteAsync(message);
            if (!write.IsCompletedSuccessfully)
            {
                Volatile.Write(ref _state, Busy);
                _ = CatchUpAsync(write.AsTask());
            }
        }

        private async Task CatchUpAsync(Task write)
        {
            try
            {
                while (true)
                {
                    await write.WaitAsync(LongestSend, time);

                    // The rest between two messages holds for this client, too.
                    await Task.Delay(FeedSubscription.ShortestInterval, time, connection.ConnectionAborted);
                    if (Interlocked.CompareExchange(ref _state, Free, Busy) == Busy)
                    {
                        return;
                    }

                    Volatile.Write(ref _state, Busy);
                    write = connection.WriteAsync(_many).AsTask();
                }
            }
            catch (TimeoutException)
            {
                logger.LogInformation("A live client read nothing for {Seconds} s and was hung up on", LongestSend.TotalSeconds);
                connection.Abort();
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                // It is gone.
            }
        }
    }
}
