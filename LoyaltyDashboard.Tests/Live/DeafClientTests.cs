using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Live;

/// <summary>A client that leaves unread what it is sent, though so little that nobody in the server waits for it: the system hangs up on it, and nobody else notices.</summary>
public sealed class DeafClientTests
{
    private const int Tcp = 6, TcpUserTimeout = 18;

    private static readonly TimeSpan _never = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<int, ConnectionContext> _connections = new();

    [Fact(Timeout = 60_000)]
    public async Task Client_that_leaves_unread_what_it_is_sent_is_dropped_and_the_others_hear_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has such a limit.");
        // SignalR's own limit is out of the way: whoever says that he lives is never silent.
        using var app = Start(services => services.Configure<HubOptions>(hub => hub.ClientTimeoutInterval = _never).Configure<Connections>(limits => limits.LongestUnread = TimeSpan.FromSeconds(1)));
        var heard = new CallsOf<string[]>();
        await using var other = new HubConnectionBuilder().WithUrl(new Uri(app.Client.BaseAddress!, "/hubs/imports"), options => options.Headers.Add("Authorization", $"Bearer {TestAccess.Key}")).Build();
        other.On<string[]>("ImportsChanged", heard.NoteAsync);
        await other.StartAsync(TestContext.Current.CancellationToken);
        var (deaf, port) = await ConnectDeafAsync(app, TestContext.Current.CancellationToken);
        using var closing = deaf;
        var clients = (ImportsHubClients)app.Services.GetRequiredService<HubLifetimeManager<ImportsHub>>();
        while (clients.Count < 2)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        var dropped = ClosedAsync(_connections[port]);
        // More than its window holds, and less than the system takes for it.
        var longId = new string('x', 300_000);
        app.Services.GetRequiredService<ImportFeed>().Publish([longId]);
        Assert.Equal([longId], await heard.NextAsync(TestContext.Current.CancellationToken));
        await dropped.WaitAsync(TestContext.Current.CancellationToken);

        app.Services.GetRequiredService<ImportFeed>().Publish(["after"]);
        Assert.Equal(["after"], await heard.NextAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HubConnectionState.Connected, other.State);
    }

    [Fact]
    public async Task Every_connection_has_the_limit_from_the_socket_that_listens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has such a limit.");
        using var app = Start();

        await app.Client.GetAsync("/health/live", TestContext.Current.CancellationToken);

        var value = new byte[4];
        Assert.Equal(4, _connections.Values.Single().Features.Get<IConnectionSocketFeature>()!.Socket.GetRawSocketOption(Tcp, TcpUserTimeout, value));
        Assert.Equal(new Connections().LongestUnread, TimeSpan.FromMilliseconds(BitConverter.ToInt32(value)));
    }

    private DashboardApp Start(Action<IServiceCollection>? services = null) => DashboardApp.Start(services: all =>
    {
        services?.Invoke(all);
        all.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection =>
        {
            _connections[((IPEndPoint)connection.RemoteEndPoint!).Port] = connection;
            return next(connection);
        })));
    });

    private static async Task<(ClientWebSocket Socket, int Port)> ConnectDeafAsync(DashboardApp app, CancellationToken cancellation)
    {
        var port = 0;
        using var narrow = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 2_048 };
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                port = ((IPEndPoint)socket.LocalEndPoint!).Port;
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        var deaf = new ClientWebSocket();
        deaf.Options.SetRequestHeader("Authorization", $"Bearer {TestAccess.Key}");
        await deaf.ConnectAsync(new UriBuilder(app.Client.BaseAddress!) { Scheme = "ws", Path = "/hubs/imports" }.Uri, narrow, cancellation);
        await deaf.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"json\",\"version\":1}\u001e"), WebSocketMessageType.Text, true, cancellation);
        return (deaf, port);
    }

    private static Task ClosedAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(closed.SetResult);
        return closed.Task;
    }
}
