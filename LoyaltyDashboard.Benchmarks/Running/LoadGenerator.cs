using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>
/// Sends bodies over kept-open connections, one after another on each. Plain sockets: the generator shares the cores with what it measures, and an HTTP client would
/// take more of them than the server.
/// </summary>
internal static class LoadGenerator
{
    /// <summary>Sends every body once.</summary>
    /// <param name="url">The door; on loopback only.</param>
    /// <param name="bodies">What to send.</param>
    /// <param name="connections">Requests under way at once.</param>
    /// <param name="rate">Bodies a second; null for as fast as the answers come.</param>
    /// <param name="cancellation">Stops before the end; what is under way is answered first.</param>
    public static async Task<LoadResult> RunAsync(Uri url, IReadOnlyList<byte[]> bodies, int connections, double? rate = null, CancellationToken cancellation = default)
    {
        if (!url.IsLoopback)
        {
            throw new ArgumentException("Load goes to loopback only.", nameof(url));
        }

        var requests = bodies.Select(body => Request(url, body)).ToList();
        var answers = new Answer[requests.Count];
        var next = -1;
        var clients = new Socket?[Math.Min(connections, requests.Count)];
        for (var i = 0; i < clients.Length; i++)
        {
            clients[i] = await ConnectAsync(url);
        }

        var began = Stopwatch.GetTimestamp();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(clients.Select(client => Task.Run(async () =>
        {
            var buffer = new byte[4096];
            var socket = client;
            while (!cancellation.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index < requests.Count)
            {
                if (rate is { } perSecond && TimeSpan.FromSeconds(index / perSecond) - clock.Elapsed is { Ticks: > 0 } early)
                {
                    await Task.Delay(early, CancellationToken.None);
                }

                var started = Stopwatch.GetTimestamp();
                try
                {
                    socket ??= await ConnectAsync(url);
                    await SendAllAsync(socket, requests[index]);
                    var (status, isOpen) = await ReadAnswerAsync(socket, buffer);
                    answers[index] = new(status, Stopwatch.GetElapsedTime(started).TotalMilliseconds, clock.Elapsed);
                    if (!isOpen)
                    {
                        socket.Dispose();
                        socket = null;
                    }
                }
                catch (Exception exception) when (exception is SocketException or IOException)
                {
                    answers[index] = new(0, Stopwatch.GetElapsedTime(started).TotalMilliseconds, clock.Elapsed);
                    socket?.Dispose();
                    socket = null;
                }
            }

            socket?.Dispose();
        })));
        return new(clock.Elapsed, [.. answers.Where(answer => answer.IsThere)], answers, began);
    }

    private static byte[] Request(Uri url, byte[] body) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n\r\n")), .. body];

    private static async Task<Socket> ConnectAsync(Uri url)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        return socket;
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[await socket.SendAsync(request)..];
        }
    }

    private static async Task<(int Status, bool IsOpen)> ReadAnswerAsync(Socket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("The server hung up before it answered.");
            }

            length += read;
            if (TryParse(buffer.AsSpan(0, length), out var status, out var isOpen))
            {
                return (status, isOpen);
            }

            if (length == buffer.Length)
            {
                throw new IOException("The answer is larger than any answer of a door.");
            }
        }
    }

    private static bool TryParse(ReadOnlySpan<byte> answer, out int status, out bool isOpen)
    {
        (status, isOpen) = (0, true);
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        status = int.Parse(answer[9..12], CultureInfo.InvariantCulture);
        var head = Encoding.ASCII.GetString(answer[..end]);
        var body = answer[(end + 4)..];
        isOpen = !head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase);
        if (head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            return body.EndsWith("0\r\n\r\n"u8);
        }

        const string Length = "\r\nContent-Length: ";
        var at = head.IndexOf(Length, StringComparison.OrdinalIgnoreCase);
        var digits = at < 0 ? "0" : head[(at + Length.Length)..].Split('\r')[0];
        return body.Length >= int.Parse(digits, CultureInfo.InvariantCulture);
    }
}

/// <summary>One answer.</summary>
/// <param name="Status">The status; 0 when none came.</param>
/// <param name="Milliseconds">From sending the first byte to having the last.</param>
/// <param name="At">When it came, from the start of the run.</param>
internal readonly record struct Answer(int Status, double Milliseconds, TimeSpan At)
{
    /// <summary>Whether the request was sent at all.</summary>
    public bool IsThere => At > TimeSpan.Zero;
}

/// <summary>How a run went.</summary>
/// <param name="Elapsed">From the first request to the last answer.</param>
/// <param name="Answers">Every answer to what was sent.</param>
/// <param name="ByRequest">The same by the index of the body; the default where it was not sent.</param>
/// <param name="Began">The timestamp of the start of the run.</param>
internal sealed record LoadResult(TimeSpan Elapsed, IReadOnlyList<Answer> Answers, IReadOnlyList<Answer> ByRequest, long Began)
{
    /// <summary>Answers with 200 a second.</summary>
    public double SucceededPerSecond => Answers.Count(answer => answer.Status == 200) / Elapsed.TotalSeconds;

    /// <summary>How many answers had each status.</summary>
    public IReadOnlyDictionary<int, int> ByStatus => Answers.CountBy(answer => answer.Status).ToDictionary();

    /// <summary>Times to answer, in milliseconds.</summary>
    public Series Milliseconds => new([.. Answers.Select(answer => answer.Milliseconds)]);
}
