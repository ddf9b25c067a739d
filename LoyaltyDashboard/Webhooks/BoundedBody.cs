using System.Buffers;

namespace LoyaltyDashboard.Webhooks;

/// <summary>Reads a request body up to a limit, never holding more than the limit and one buffer.</summary>
internal static class BoundedBody
{
    /// <summary>Reads the whole body.</summary>
    /// <returns>The bytes; null when there are more than <paramref name="limit"/>.</returns>
    /// <exception cref="BadHttpRequestException">The client broke the transfer's rules.</exception>
    /// <exception cref="IOException">The client went away.</exception>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellation)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var buffer = read.Buffer;
            if (buffer.Length > limit)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var body = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return body;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
