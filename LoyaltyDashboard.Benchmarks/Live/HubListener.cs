using System.Diagnostics;
using System.Net.WebSockets;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Live;

/// <summary>
/// A client of <c>/hubs/imports</c>: SignalR's JSON protocol on a plain web socket. Five hundred of the official client would take more of the cores than the server that
/// they listen to.
/// </summary>
/// <param name="onChanged">Called with one message, whole, and the time it came.</param>
internal sealed class HubListener(HubListener.Changed onChanged) : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new ClientWebSocket().WithKey();
    private Task _listening = Task.CompletedTask;

    /// <summary>One message of the server.</summary>
    public delegate void Changed(ReadOnlySpan<byte> message, long timestamp);

    /// <summary>Messages that told of imports.</summary>
    public int Messages { get; private set; }

    /// <summary>Connects.</summary>
    public async Task ConnectAsync(Uri server)
    {
        await _socket.ConnectAsync(new Uri($"ws://{server.Authority}/hubs/imports"), CancellationToken.None);
        await _socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);
        await _socket.ReceiveAsync(new byte[64].AsMemory(), CancellationToken.None);
        _listening = Task.Run(ListenAsync);
    }

    /// <summary>Shows the server that somebody is there.</summary>
    public ValueTask PingAsync() => _socket.SendAsync("{\"type\":6}\u001e"u8.ToArray().AsMemory(), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Leaves.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _listening;
        _socket.Dispose();
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                var now = Stopwatch.GetTimestamp();
                for (var rest = buffer.AsMemory(0, length); rest.Span.IndexOf((byte)0x1e) is >= 0 and var end; rest = rest[(end + 1)..])
                {
                    if (rest.Span.StartsWith("{\"type\":1,"u8))
                    {
                        Messages++;
                        onChanged(rest.Span[..end], now);
                    }
                }

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It left.
        }
    }
}
