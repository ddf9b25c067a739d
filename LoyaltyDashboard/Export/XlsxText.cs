using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace LoyaltyDashboard.Export;

/// <summary>A cell of anybody's text in a sheet: what XML and the format cannot hold is made harmless.</summary>
internal static partial class XlsxText
{
    private const int LongestCell = 32_767;

    // XML's own signs, control characters but tab and line feed, and the first byte of U+FFFE and U+FFFF.
    private static readonly SearchValues<byte> _unsafe = SearchValues.Create([.. "<>&"u8, .. Enumerable.Range(0, ' ').Where(c => c is not ('\t' or '\n')).Select(c => (byte)c), 0xEF]);

    /// <summary>Writes a text as the content of an element. Most texts are written as they lie.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">Well-formed UTF-8.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestCell || text.ContainsAny(_unsafe) || text.IndexOf("_x"u8) >= 0)
        {
            Encoding.UTF8.GetBytes(Escape(EscapedUnit().Replace(Harmless(Encoding.UTF8.GetString(text)), "_x005F_")), output);
        }
        else
        {
            output.Write(text);
        }
    }

    // A line ends with a line feed alone, as XML's readers make of every end of a line.
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    // XML cannot hold control characters, and a cell no more than so many letters.
    private static string Harmless(string text)
    {
        var shortened = text.Length > LongestCell ? text[..(char.IsHighSurrogate(text[LongestCell - 1]) ? LongestCell - 1 : LongestCell)] : text;
        return string.Create(shortened.Length, shortened, static (letters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                letters[i] = char.IsSurrogate(source[i]) || XmlConvert.IsXmlChar(source[i]) ? source[i] : '\uFFFD';
            }
        });
    }

    // The format reads _x003D_ as an escaped "="; escaping its underscore keeps the text as it is.
    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex EscapedUnit();
}
