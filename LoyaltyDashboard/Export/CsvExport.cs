using System.Buffers;
using System.Globalization;
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

    /// <summary>Writes all rows; the heading line is sent before the first row is read.</summary>
    public static async Task WriteAsync(PipeWriter output, IAsyncEnumerable<ImportRow> rows, CancellationToken cancellation)
    {
        output.Write(Encoding.UTF8.Preamble);
        var line = new StringBuilder(string.Join(',', ExportColumns.All.Select(c => c.Name))).Append("\r\n");
        await SendAsync();
        await foreach (var row in rows.WithCancellation(cancellation))
        {
            for (var i = 0; i < ExportColumns.All.Count; i++)
            {
                line.Append(i == 0 ? string.Empty : ",").Append(Cell(ExportColumns.All[i].Value(row)));
            }

            line.Append("\r\n");
            if (line.Length >= FlushAt)
            {
                await SendAsync();
            }
        }

        await SendAsync();

        async ValueTask SendAsync()
        {
            foreach (var chunk in line.GetChunks())
            {
                Encoding.UTF8.GetBytes(chunk.Span, output);
            }

            line.Clear();
            await output.FlushAsync(cancellation);
        }
    }

    /// <summary>One cell.</summary>
    public static string Cell(object? value) => value switch
    {
        null => string.Empty,
        string text => Quote(Guard(text)),
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => UtcTimeConverter.Format(time),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Quote(value.ToString()!),
    };

    private static string Guard(string text)
    {
        var first = text.AsSpan().TrimStart(" \u00A0\u3000\uFEFF\"").ToString() is [var letter, ..] ? letter : ' ';
        return text.Length > 0 && (text[0] is '\t' or '\r' or '\n' || first is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20' or '\u2212') ? "'" + text : text;
    }

    private static string Quote(string text) => text.AsSpan().ContainsAny(",\"\r\n'") || text.StartsWith(' ') || text.EndsWith(' ') ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
}
