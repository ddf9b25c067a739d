using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>A hub client by hand that says all that a live one says, and never reads.</summary>
internal sealed class SilentHubClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 2_048 };

    /// <summary>Its own port, by which the server's end is known.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Connects, shakes hands, and reads no more from then on.</summary>
    public async Task ConnectAsync(Uri dashboard)
    {
        await _socket.ConnectAsync(IPAddress.Loopback, dashboard.Port);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await _socket.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GET /hubs/imports HTTP/1.1\r\nHost: {dashboard.Authority}\r\nAuthorization: {WayIn.Bearer}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n")));
        var buffer = new byte[1_024];
        var read = await _socket.ReceiveAsync(buffer);
        if (!Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The hub did not take the connection.");
        }

        await SayAsync("""{"protocol":"json","version":1}""");
    }

    /// <summary>Says that it lives.</summary>
    /// <returns>Whether the connection still takes it.</returns>
    public async Task<bool> PingAsync()
    {
        try
        {
            await SayAsync("""{"type":6}""");
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // One frame of text, masked as a client's must be.
    private async Task SayAsync(string message)
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(message), 0x1E];
        var mask = RandomNumberGenerator.GetBytes(4);
        await _socket.SendAsync((byte[])[0x81, (byte)(0x80 | text.Length), .. mask, .. text.Select((b, i) => (byte)(b ^ mask[i % 4]))]);
    }
}
