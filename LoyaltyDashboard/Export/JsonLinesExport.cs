using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>One item of <c>GET /api/imports</c> a line.</summary>
internal static class JsonLinesExport
{
    private const int FlushAt = 32 * 1024;

    /// <summary>Writes all items; the headers and the first line are sent before the second item is read.</summary>
    public static async Task WriteAsync(PipeWriter output, IAsyncEnumerable<ImportItem> items, CancellationToken cancellation)
    {
        await output.FlushAsync(cancellation);
        var lines = new ArrayBufferWriter<byte>(2 * FlushAt);
        await using var json = new Utf8JsonWriter(lines, new JsonWriterOptions { Encoder = ImportContract.Options.Encoder });
        var isFirst = true;
        await foreach (var item in items.WithCancellation(cancellation))
        {
            JsonSerializer.Serialize(json, item, ImportContract.Options);
            json.Reset();
            lines.Write("\n"u8);
            if (isFirst || lines.WrittenCount >= FlushAt)
            {
                await SendAsync();
            }

            isFirst = false;
        }

        await SendAsync();

        // Waits while the client has too much to read already.
        async ValueTask SendAsync()
        {
            await output.WriteAsync(lines.WrittenMemory, cancellation);
            lines.ResetWrittenCount();
        }
    }
}
