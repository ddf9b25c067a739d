using System.Buffers;
using System.IO.Pipelines;
using System.Security.Claims;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
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
    private Func<string?, Reader> _reader = _ => Reader.System;

    public ImportsHubClientsTests()
    {
        _feed = new ImportFeed(_time, NullLogger<ImportFeed>.Instance);
        _clients = new ImportsHubClients(_feed, user => _reader(user?.Identity?.Name), _time, _log);
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
    public async Task Client_limited_to_some_sites_hears_of_these_alone()
    {
        _reader = name => name == "all" ? Reader.System : new(name!, Role.Viewer, [name!], SeesClear: false);
        var (all, ofOne, alsoOfOne, ofOther, ofNeither) = (await ConnectAsync("all"), await ConnectAsync("site 1"), await ConnectAsync("SITE 1"), await ConnectAsync("site 2"), await ConnectAsync("site 3"));

        _feed.Publish([new("a", "site 1"), new("b", "site 2"), new("c", null), new("d", "site 1")]);

        Assert.Equal(Changed("a", "b", "c", "d"), await all.ReadAsync());
        Assert.Equal(Changed("a", "d"), await ofOne.ReadAsync());
        Assert.Equal(Changed("a", "d"), await alsoOfOne.ReadAsync());
        Assert.Equal(Changed("b"), await ofOther.ReadAsync());
        Assert.False(ofNeither.HasMore);
    }

    [Fact]
    public async Task Client_limited_to_some_sites_hears_of_many_without_a_name()
    {
        _reader = name => name == "nobody" ? Reader.Nobody : new(name!, Role.Viewer, [name!], SeesClear: false);
        var (ofOne, nobody) = (await ConnectAsync("site 1"), await ConnectAsync("nobody"));

        _feed.Publish([.. Enumerable.Range(0, FeedSubscription.MostIds + 1).Select(i => new ChangedImport($"{i}", "site 2"))]);

        Assert.Equal(Many, await ofOne.ReadAsync());
        Assert.False(nobody.HasMore);
    }

    [Fact]
    public async Task Client_whose_rights_change_hears_by_the_new_ones_from_the_next_beat_on()
    {
        var (client, other) = (await ConnectAsync("somebody"), await ConnectAsync("all"));
        _reader = name => name == "all" ? Reader.System : new(name!, Role.Viewer, ["site 1"], SeesClear: false);
        _feed.Publish([new("a", "site 1"), new("b", "site 2")]);
        Assert.Equal(Changed("a"), await client.ReadAsync());
        await other.ReadAsync();
        _reader = name => name == "all" ? Reader.System : Reader.Nobody;
        await RestAsync();

        _feed.Publish([new("a", "site 1")]);

        Assert.Equal(Changed("a"), await other.ReadAsync());
        Assert.False(client.HasMore);
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

    private Task<Client> ConnectAsync(string name) => ConnectAsync(1 << 16, name);

    private async Task<Client> ConnectAsync(long room = 1 << 16, string? name = null)
    {
        var client = new Client(room, name);
        await _clients.OnConnectedAsync(client.Context);
        return client;
    }

    /// <summary>A client at the other end of a pipe.</summary>
    private sealed class Client
    {
        private readonly Pipe _toClient;

        public Client(long room, string? name)
        {
            _toClient = new(new PipeOptions(pauseWriterThreshold: room, resumeWriterThreshold: room, useSynchronizationContext: false));
            var pipe = new Ends(new Pipe().Reader, _toClient.Writer);
            Context = new(new DefaultConnectionContext(Guid.NewGuid().ToString(), pipe, pipe) { User = new(new ClaimsIdentity(name is null ? [] : [new(ClaimTypes.Name, name)], "test")) }, new HubConnectionContextOptions { KeepAliveInterval = TimeSpan.FromHours(1), ClientTimeoutInterval = TimeSpan.FromHours(1) }, NullLoggerFactory.Instance)
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
