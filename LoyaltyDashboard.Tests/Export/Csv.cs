using System.Text;

namespace LoyaltyDashboard.Tests.Export;

/// <summary>A strict reader of RFC 4180, apart from the product's writer.</summary>
internal static class Csv
{
    public static IReadOnlyList<IReadOnlyList<string>> Parse(string text)
    {
        List<IReadOnlyList<string>> lines = [];
        List<string> line = [];
        var cell = new StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            if (text[at] == '"' && cell.Length == 0)
            {
                at = ReadQuoted(text, at + 1, cell);
            }
            else
            {
                while (at < text.Length && text[at] is not (',' or '\r' or '\n'))
                {
                    cell.Append(text[at] != '"' ? text[at++] : throw new FormatException($"A bare quote at {at}."));
                }
            }

            line.Add(cell.ToString());
            cell.Clear();
            if (at < text.Length && text[at] == ',')
            {
                at++;
                continue;
            }

            at += text.AsSpan(at).StartsWith("\r\n") ? 2 : throw new FormatException($"No end of line at {at}.");
            lines.Add(line);
            line = [];
        }

        return line.Count == 0 ? lines : throw new FormatException("The last line does not end.");
    }

    private static int ReadQuoted(string text, int at, StringBuilder cell)
    {
        while (true)
        {
            if (text[at] != '"')
            {
                cell.Append(text[at++]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '"')
            {
                cell.Append('"');
                at += 2;
            }
            else
            {
                return at + 1;
            }
        }
    }
}
