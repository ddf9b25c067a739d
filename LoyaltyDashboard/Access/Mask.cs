using System.Globalization;
using System.Text;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Access;

/// <summary>
/// What somebody sees instead of a personal value. It follows from the form of the value alone: an address keeps its first letter, the first of its domain and the last label; any other
/// value keeps which places are letters and which are digits, and not how long it is.
/// </summary>
public static class Mask
{
    /// <summary>What stands for letters nobody is to count.</summary>
    public const string Hidden = "•••";

    /// <summary>A number of points with more digits may be a telephone number.</summary>
    public const int MostDigits = 7;

    /// <summary>Longer values all look equally long.</summary>
    public const int MostOfShape = 24;

    internal const char Dot = '•';

    // Longer ones are no ending that registries give, and may be a name.
    private const int LongestEnding = 12;

    private static readonly System.Buffers.SearchValues<byte> _byteHints = System.Buffers.SearchValues.Create([(byte)'@', (byte)'%', 0xEF]);

    /// <summary>Whether UTF-8 may hold an address: false for nearly every text without one, and never false for one with.</summary>
    public static bool MayHoldAddress(ReadOnlySpan<byte> utf8) => utf8.ContainsAny(_byteHints);

    /// <summary>The text with every address in it masked, whatever it looks like (<see cref="FoundAddress"/>).</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Text(string? text)
    {
        if (text is null || FoundAddress.AllIn(text) is not { Count: > 0 } addresses)
        {
            return text;
        }

        var masked = new StringBuilder();
        var end = 0;
        foreach (var (begin, at, domain, until) in addresses)
        {
            masked.Append(text, end, begin - end).Append(Local(text.AsSpan(begin, at - begin))).Append(text, at, domain - at).Append(Domain(text.AsSpan(domain, until - domain)));
            end = until;
        }

        return masked.Append(text, end, text.Length - end).ToString();
    }

    /// <summary>Whether a text is an address and nothing else, however odd, or one with a name before it, as in <c>Ann &lt;ann@example.com&gt;</c>.</summary>
    public static bool IsAddress(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.EndsWith('>') && trimmed.LastIndexOf('<') is >= 0 and var open)
        {
            trimmed = trimmed[(open + 1)..^1].Trim();
        }

        return FoundAddress.AllIn(trimmed) is [var (begin, at, domain, until)] && begin == 0 && until == trimmed.Length && at > begin && domain < until;
    }

    /// <summary>A cell: an address is masked, a plain number of points stays, and all else is cut to its shape.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="isPoints">Whether its column is mapped to POINTS.</param>
    public static string Cell(string cell, bool isPoints = false) =>
        IsKept(cell, isPoints) ? cell
        : CellRules.LooksLikeEmail(cell.Trim()) ? Text(cell)
        : Shape(cell);

    /// <summary>Whether a cell stays as it is: a plain number of points.</summary>
    public static bool IsKept(string cell, bool isPoints) => isPoints && cell.Length <= MostDigits && CellRules.LooksLikePoints(cell);

    /// <summary>The shape of a value: x and X for letters of any script, 0 for digits; ASCII's signs and spaces as they are.</summary>
    public static string Shape(string value)
    {
        var shape = new StringBuilder();
        foreach (var letter in value.EnumerateRunes())
        {
            if (ShapeOf(letter) is not { } sign)
            {
                continue;
            }

            if (shape.Length == MostOfShape)
            {
                return shape.Append('…').ToString();
            }

            shape.Append(sign);
        }

        return shape.ToString();
    }

    // Null: part of the letter before it.
    private static char? ShapeOf(Rune letter) => Rune.GetUnicodeCategory(letter) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => 'X',
        UnicodeCategory.LowercaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => 'x',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '0',
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => null,
        UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => ' ',
        _ when letter is { IsAscii: true } => (char)letter.Value,
        _ when letter.Value == '…' => '…',
        _ => Dot,
    };

    private static string Local(ReadOnlySpan<char> local) => local.IsEmpty ? string.Empty : First(local) + Hidden;

    private static string Domain(ReadOnlySpan<char> domain)
    {
        if (domain.IsEmpty)
        {
            return string.Empty;
        }

        if (domain[0] == '[')
        {
            // The address of a machine.
            return Hidden;
        }

        var dot = domain.LastIndexOfAny(".。．｡");
        return First(domain) + Hidden + (dot >= 0 && IsEnding(domain[(dot + 1)..]) ? string.Concat(".", domain[(dot + 1)..]) : string.Empty);
    }

    private static string First(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out var letter, out _) == System.Buffers.OperationStatus.Done && letter.Value != Dot ? letter.ToString() : string.Empty;

    private static bool IsEnding(ReadOnlySpan<char> label)
    {
        foreach (var letter in label)
        {
            if (!char.IsLetter(letter))
            {
                return false;
            }
        }

        return label.Length is >= 2 and <= LongestEnding;
    }
}
