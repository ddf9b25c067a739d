using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>One connection to a door, on loopback, that sends one request after another and opens itself again when it was hung up on.</summary>
internal sealed class Wire(Uri door) : IDisposable
{
    // No answer of a door takes longer; whoever waits so long would wait for ever.
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);

    private readonly byte[] _buffer = new byte[8_192];
    private Socket? _socket;

    /// <summary>Posts a body.</summary>
    /// <returns>The status, 0 when no answer came, and the milliseconds from the first byte to the last.</returns>
    public Task<(int Status, double Milliseconds)> PostAsync(byte[] body) => SendAsync(Request(door, body));

    /// <summary>Sends bytes as they are and reads one answer.</summary>
    public async Task<(int Status, double Milliseconds)> SendAsync(ReadOnlyMemory<byte> request)
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = new CancellationTokenSource(_longest);
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(IPAddress.Loopback, door.Port, limit.Token);
            }

            // An answer may come before all was taken, of what is too large.
            var sending = SendAllAsync(_socket, request, limit.Token);
            var (status, isOpen) = await ReadAsync(_socket, limit.Token);
            var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (isOpen)
            {
                await sending;
            }
            else
            {
                Close();
                await sending.ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return (status, took);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            Close();
            return (0, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    /// <summary>A whole request.</summary>
    public static byte[] Request(Uri door, byte[] body) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST {door.PathAndQuery} HTTP/1.1\r\nHost: {door.Authority}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];

    /// <inheritdoc/>
    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        while (!request.IsEmpty)
        {
            request = request[await socket.SendAsync(request, cancellation)..];
        }
    }

    private async Task<(int Status, bool IsOpen)> ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            if (read == 0 || length + read == _buffer.Length)
            {
                throw new IOException("The server hung up, or its answer is larger than any answer of a door.");
            }

            length += read;
            if (Parse(_buffer.AsSpan(0, length)) is { } answer)
            {
                return answer;
            }
        }
    }

    private static (int Status, bool IsOpen)? Parse(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        var head = Encoding.ASCII.GetString(answer[..end]);
        var body = answer[(end + 4)..];
        const string Length = "\r\nContent-Length: ";
        var at = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        var isWhole = head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)
            ? body.EndsWith("0\r\n\r\n"u8)
            : body.Length >= (at < 0 ? 0 : int.Parse(head[(at + Length.Length)..].Split('\r')[0], CultureInfo.InvariantCulture));
        return isWhole ? (int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), !head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase)) : null;
    }
}
