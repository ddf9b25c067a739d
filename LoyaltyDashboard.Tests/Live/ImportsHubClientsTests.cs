using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Live;

public sealed class ImportsHubClientsTests : IAsyncDisposable
{
    private const string Many = """{"type":1,"target":"ImportsChanged","arguments":[[]]}""";

    private readonly WatchedTime _time = new();
    private readonly LogLines<DefaultHubLifetimeManager<ImportsHub>> _log = new();
    private readonly ImportFeed _feed;
    private readonly ImportsHubClients _clients;

    public ImportsHubClientsTests()
    {
        _feed = new ImportFeed(_time, NullLogger<ImportFeed>.Instance);
        _clients = new ImportsHubClients(_feed, _ => Reader.System, _time, _log);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync() => await _clients.DisposeAsync();

    [Fact]
    public async Task All_clients_watch_the_feed_as_one_and_hear_the_same()
    {
        var (one, other) = (await ConnectAsync(), await ConnectAsync());
        Assert.Equal(1, _feed.SubscriberCount);

        _feed.Publish(["a", "b"]);

        Assert.Equal(Changed("a", "b"), await one.ReadAsync());
        Assert.Equal(Changed("a", "b"), await other.ReadAsync());
    }

    [Fact]
    public async Task More_than_can_be_named_are_an_empty_list()
    {
        var client = await ConnectAsync();

        _feed.Publish([.. Enumerable.Range(0, FeedSubscription.MostIds + 1).Select(i => $"{i}")]);

        Assert.Equal(Many, await client.ReadAsync());
    }

    [Fact]
    public async Task Client_that_left_is_told_nothing()
    {
        var (gone, client) = (await ConnectAsync(), await ConnectAsync());

        await _clients.OnDisconnectedAsync(gone.Context);
        _feed.Publish(["a"]);

        Assert.Equal(Changed("a"), await client.ReadAsync());
        Assert.False(gone.HasMore);
    }

    [Fact]
    public async Task Client_that_does_not_read_holds_nobody_and_hears_of_many_once_it_reads()
    {
        var (slow, quick) = (await ConnectAsync(room: 1), await ConnectAsync());
        _feed.Publish(["a"]);
        await _time.SomebodyWaitsAsync(Stop);
        Assert.Equal(Changed("a"), await quick.ReadAsync());
        await RestAsync();
        _feed.Publish(["b"]);
        Assert.Equal(Changed("b"), await quick.ReadAsync());
        await RestAsync();

        Assert.Equal(Changed("a"), await slow.ReadAsync());
        Assert.False(slow.HasMore);
        Assert.Equal(1, _clients.Behind);
        await RestAsync();

        Assert.Equal(Many, await slow.ReadAsync());
        Assert.False(quick.HasMore);
    }

    [Fact]
    public async Task Client_that_has_caught_up_hears_of_the_next_by_name()
    {
        var slow = await ConnectAsync(room: 1);
        _feed.Publish(["a"]);
        await _time.SomebodyWaitsAsync(Stop);
        await _time.SomebodyWaitsAsync(Stop);
        Assert.Equal(Changed("a"), await slow.ReadAsync());
        await RestAsync();
        await CaughtUpAsync();

        _feed.Publish(["b"]);

        Assert.Equal(Changed("b"), await slow.ReadAsync());
    }

    [Fact]
    public async Task Client_that_never_reads_is_dropped_and_nobody_else()
    {
        var (dead, quick) = (await ConnectAsync(room: 1), await ConnectAsync());
        var dropped = new TaskCompletionSource();
        dead.Context.ConnectionAborted.Register(dropped.SetResult);
        _feed.Publish(["a"]);
        await _time.SomebodyWaitsAsync(Stop);
        await quick.ReadAsync();

        _time.Advance(ImportsHubClients.LongestSend - TimeSpan.FromTicks(1));
        Assert.Equal(1, _clients.Behind);
        Assert.Empty(_log.All);
        _time.Advance(TimeSpan.FromTicks(1));

        await dropped.Task.WaitAsync(Stop);
        Assert.Equal([(LogLevel.Information, "A live client read nothing for 10 s and was hung up on")], _log.All);
        Assert.False(quick.Context.ConnectionAborted.IsCancellationRequested);
    }

    private async Task CaughtUpAsync()
    {
        while (_clients.Behind > 0)
        {
            Stop.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static string Changed(params string[] ids) => $$"""{"type":1,"target":"ImportsChanged","arguments":[[{{string.Join(',', ids.Select(id => $"\"{id}\""))}}]]}""";

    private async Task RestAsync()
    {
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(FeedSubscription.ShortestInterval);
    }

    private async Task<Client> ConnectAsync(long room = 1 << 16)
    {
        var client = new Client(room);
        await _clients.OnConnectedAsync(client.Context);
        return client;
    }

    /// <summary>A client at the other end of a pipe.</summary>
    private sealed class Client
    {
        private readonly Pipe _toClient;

        public Client(long room)
        {
            _toClient = new(new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room, useSynchronizationContext: false));
            var pipe = new Ends(new Pipe().Reader, _toClient.Writer);
            Context = new(new DefaultConnectionContext(Guid.NewGuid().ToString(), pipe, pipe), new HubConnectionContextOptions { KeepAliveInterval = TimeSpan.FromHours(1), ClientTimeoutInterval = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance)
            {
                Protocol = new JsonHubProtocol(),
            };
        }

        public HubConnectionContext Context { get; }

        public bool HasMore
        {
            get
            {
                if (!_toClient.Reader.TryRead(out var more))
                {
                    return false;
                }

                _toClient.Reader.AdvanceTo(more.Buffer.Start);
                return !more.Buffer.IsEmpty;
            }
        }

        public async Task<string> ReadAsync()
        {
            while (true)
            {
                var read = await _toClient.Reader.ReadAsync(Stop);
                if (read.Buffer.PositionOf((byte)0x1e) is { } end)
                {
                    var message = Encoding.UTF8.GetString(read.Buffer.Slice(0, end).ToArray());
                    _toClient.Reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                    return message;
                }

                _toClient.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }

        private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
