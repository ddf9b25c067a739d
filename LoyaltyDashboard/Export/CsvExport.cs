using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>
/// RFC 4180 with a byte order mark, so that spreadsheets read it as UTF-8. A text cell that a spreadsheet would run as a formula is made harmless with
/// a leading apostrophe; numbers and times are ours, not anyone's text, and stay untouched.
/// </summary>
internal static partial class CsvExport
{
    private const int FlushAt = 32 * 1024;

    private static readonly SearchValues<char> _quoted = SearchValues.Create(",\"\r\n';");

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

    private static string Guard(string text) => FormulaBegin().Replace(text, "'");

    private static string Quote(string text) => text.AsSpan().ContainsAny(_quoted) || text.StartsWith(' ') || text.EndsWith(' ') ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;

    // Where a cell begins and a formula would: at the start, and after a semicolon, at which the spreadsheets of many countries divide a line.
    [GeneratedRegex("""(?:^|(?<=;))(?=[ \u00A0\u3000\uFEFF"]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20\u2212])""")]
    private static partial Regex FormulaBegin();
}
