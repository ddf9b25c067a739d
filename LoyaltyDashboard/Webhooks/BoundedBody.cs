using System.Buffers;

namespace LoyaltyDashboard.Webhooks;

/// <summary>How reading a body ended.</summary>
internal enum BodyVerdict
{
    /// <summary>All of it is there.</summary>
    Whole,

    /// <summary>There is more than the limit.</summary>
    TooLarge,

    /// <summary>It did not come in time.</summary>
    TooSlow,

    /// <summary>All bodies under way hold as much memory as they may.</summary>
    NoRoom,
}

/// <summary>
/// Reads request bodies that anybody may send: up to a limit each, up to a limit together, and within a time. Never holds more than these limits and one buffer
/// a connection, whoever sends.
/// </summary>
public sealed class BoundedBody(TimeProvider time, long mostBytesTogether = BoundedBody.MostBytesTogether, long bytesOfAnyBody = BoundedBody.BytesOfAnyBody)
{
    /// <summary>How long a body may take. Wix itself hangs up after 1250 ms.</summary>
    public static readonly TimeSpan LongestRead = TimeSpan.FromSeconds(5);

    /// <summary>Bytes that all bodies under way may hold together.</summary>
    public const long MostBytesTogether = 128L * 1024 * 1024;

    /// <summary>Bytes that each body may hold beside that. Wix's own have some 3 KB, so whoever takes all that large bodies may hold together, without a signature, keeps none of them out.</summary>
    public const long BytesOfAnyBody = 64 * 1024;

    private long _held;

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="BadHttpRequestException">The client broke the transfer's rules.</exception>
    /// <exception cref="IOException">The client went away.</exception>
    internal async ValueTask<(BodyVerdict Verdict, byte[] Body)> ReadAsync(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit)
        {
            return (BodyVerdict.TooLarge, []);
        }

        var reader = request.BodyReader;
        var held = 0L;
        // Cancelling a token would end the read in the middle of Kestrel's own; this ends it between two.
        await using var deadline = time.CreateTimer(_ => reader.CancelPendingRead(), null, LongestRead, Timeout.InfiniteTimeSpan);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(CancellationToken.None);
                var buffer = read.Buffer;
                var charged = Math.Max(0, buffer.Length - bytesOfAnyBody);
                var together = Interlocked.Add(ref _held, charged - held);
                held = charged;
                if (buffer.Length > limit || read.IsCanceled || (charged > 0 && together > mostBytesTogether))
                {
                    reader.AdvanceTo(buffer.End);
                    return (buffer.Length > limit ? BodyVerdict.TooLarge : read.IsCanceled ? BodyVerdict.TooSlow : BodyVerdict.NoRoom, []);
                }

                if (read.IsCompleted)
                {
                    var body = buffer.ToArray();
                    reader.AdvanceTo(buffer.End);
                    return (BodyVerdict.Whole, body);
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            Interlocked.Add(ref _held, -held);
        }
    }
}
