using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>
/// RFC 4180 with a byte order mark, so that spreadsheets read it as UTF-8. A text cell that a spreadsheet would run as a formula is made harmless with
/// a leading apostrophe; numbers and times are ours, not anyone's text, and stay untouched.
/// </summary>
internal static class CsvExport
{
    private const int FlushAt = 32 * 1024;

    // Room for any number or time.
    private const int LongestValue = 32;

    /// <summary>Writes all rows; the heading line is sent before the first row is read.</summary>
    public static async Task WriteAsync(PipeWriter output, IAsyncEnumerable<ImportCells> pieces, CancellationToken cancellation)
    {
        var lines = new ArrayBufferWriter<byte>(2 * FlushAt);
        lines.Write(Encoding.UTF8.Preamble);
        lines.Write(Encoding.UTF8.GetBytes(string.Join(',', ExportColumns.All.Select(c => c.Name)) + "\r\n"));
        await SendAsync();
        await foreach (var rows in pieces.WithCancellation(cancellation))
        {
            for (var row = 0; row < rows.Rows; row++)
            {
                WriteRow(lines, rows, row);
                if (lines.WrittenCount >= FlushAt)
                {
                    await SendAsync();
                }
            }
        }

        await SendAsync();

        // Waits while the client has too much to read already.
        async ValueTask SendAsync()
        {
            await output.WriteAsync(lines.WrittenMemory, cancellation);
            lines.ResetWrittenCount();
        }
    }

    private static void WriteRow(ArrayBufferWriter<byte> lines, ImportCells rows, int row)
    {
        var isFirst = true;
        foreach (var (column, _, _) in ExportColumns.All)
        {
            if (!isFirst)
            {
                lines.Write(","u8);
            }

            isFirst = false;
            WriteCell(lines, rows[row, column]);
        }

        lines.Write("\r\n"u8);
    }

    private static void WriteCell(ArrayBufferWriter<byte> lines, ImportCell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Text: CsvText.Write(lines, cell.Text); break;
            case CellKind.Number: lines.Advance(Utf8Formatter.TryFormat(cell.Number, lines.GetSpan(LongestValue), out var length) ? length : 0); break;
            case CellKind.Flag: lines.Write(cell.Flag ? "true"u8 : "false"u8); break;
            case CellKind.Time: lines.Advance(UtcTimeConverter.Format(cell.Time, lines.GetSpan(LongestValue))); break;
        }
    }
}
