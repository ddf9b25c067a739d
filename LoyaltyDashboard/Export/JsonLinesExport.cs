using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>One item of <c>GET /api/imports</c> a line.</summary>
internal static class JsonLinesExport
{
    private const int FlushEvery = 100;

    /// <summary>Writes all items; the headers and the first line are sent before the second item is read.</summary>
    public static async Task WriteAsync(PipeWriter output, IAsyncEnumerable<ImportItem> items, CancellationToken cancellation)
    {
        await output.FlushAsync(cancellation);
        var count = 0;
        await foreach (var item in items.WithCancellation(cancellation))
        {
            await using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = ImportContract.Options.Encoder }))
            {
                JsonSerializer.Serialize(json, item, ImportContract.Options);
            }

            output.Write("\n"u8);
            if (count++ % FlushEvery == 0)
            {
                await output.FlushAsync(cancellation);
            }
        }

        await output.FlushAsync(cancellation);
    }
}
