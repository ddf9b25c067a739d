using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace LoyaltyDashboard.Export;

/// <summary>A cell of anybody's text in a CSV: quoted where it must be, and never a formula.</summary>
internal static partial class CsvText
{
    private static readonly SearchValues<byte> _quoted = SearchValues.Create(",\"\r\n';"u8);

    // First bytes of all that FormulaBegin may begin with.
    private static readonly SearchValues<byte> _formulaBegins = SearchValues.Create([.. " \"=+-@\t\r\n"u8, 0xC2, 0xE2, 0xE3, 0xEF]);

    private static readonly SearchValues<char> _quotedLetters = SearchValues.Create(",\"\r\n';");

    /// <summary>Writes a cell. Most texts are written as they lie: two looks tell that nothing is to be done.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">Well-formed UTF-8.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (_formulaBegins.Contains(text[0]) || text.Contains((byte)';'))
        {
            Encoding.UTF8.GetBytes(Cell(Encoding.UTF8.GetString(text)), output);
        }
        else if (text[^1] == ' ' || text.ContainsAny(_quoted))
        {
            WriteQuoted(output, text);
        }
        else
        {
            output.Write(text);
        }
    }

    /// <summary>The same, said plainly.</summary>
    public static string Cell(string text) => Quote(FormulaBegin().Replace(text, "'"));

    private static string Quote(string text) =>
        text.AsSpan().ContainsAny(_quotedLetters) || text.StartsWith(' ') || text.EndsWith(' ') ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;

    private static void WriteQuoted(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        output.Write("\""u8);
        while (text.IndexOf((byte)'"') is >= 0 and var quote)
        {
            output.Write(text[..(quote + 1)]);
            output.Write("\""u8);
            text = text[(quote + 1)..];
        }

        output.Write(text);
        output.Write("\""u8);
    }

    // Where a cell begins and a formula would: at the start, and after a semicolon, at which the spreadsheets of many countries divide a line.
    [GeneratedRegex("""(?:^|(?<=;))(?=[ \u00A0\u3000\uFEFF"]*[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20\u2212])""")]
    private static partial Regex FormulaBegin();
}
