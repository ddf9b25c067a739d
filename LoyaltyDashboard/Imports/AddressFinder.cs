namespace LoyaltyDashboard.Imports;

/// <summary>
/// Finds e-mail addresses in texts. Where an address begins and ends is not always plain, so each that could be meant is offered: in a cell only what cannot be a part of another person's
/// address, in a file name or a sentence more, for there it costs nobody else a row.
/// </summary>
public static class AddressFinder
{
    private const int LongestLocalPart = 256;
    private const int MostStarts = 16;
    private const int MostEnds = 8;

    // Between these an address cannot go on.
    private const string Walls = "<>()[]{}\",;:|\\";

    // These may be in an address, but nearly never are; they rather stand before one.
    private const string Doors = "'`=/?&!#$*^~%";

    // These often are in an address. In a file name they may stand before or behind one.
    private const string Joints = ".+-_";

    /// <summary>Whether an address that is wanted stands in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isCell">Whether it is a cell of a row: then an address is not looked for inside a longer one.</param>
    /// <param name="isWanted">Asked for each that could be meant, as it stands.</param>
    public static bool Holds(string text, bool isCell, Predicate<string> isWanted) => Find(text, isCell, isWanted) is not null || IsEncoded(text, isCell, isWanted);

    /// <summary>The text with other words in the place of each wanted address.</summary>
    public static string Replace(string text, string replacement, Predicate<string> isWanted)
    {
        if (IsEncoded(text, isCell: false, isWanted))
        {
            return replacement;
        }

        while (Find(text, isCell: false, isWanted) is { } found)
        {
            text = string.Concat(text.AsSpan(0, found.Start), replacement, text.AsSpan(found.End));
        }

        return text;
    }

    /// <summary>Whether a letter stands between the name and the host of an address, in any of its forms.</summary>
    public static bool IsAt(char letter) => letter is '@' or '＠' or '﹫';

    // As addresses stand in a link.
    private static bool IsEncoded(string text, bool isCell, Predicate<string> isWanted)
    {
        if (!text.Contains("%40", StringComparison.Ordinal))
        {
            return false;
        }

        return Find(Uri.UnescapeDataString(text), isCell, isWanted) is not null;
    }

    private static (int Start, int End)? Find(string text, bool isCell, Predicate<string> isWanted)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (IsAt(text[at]) && FindAround(text, at, isCell, isWanted) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static (int Start, int End)? FindAround(string text, int at, bool isCell, Predicate<string> isWanted)
    {
        var ends = Ends(text, at, isCell);
        foreach (var start in Starts(text, at, isCell))
        {
            foreach (var end in ends)
            {
                if (isWanted(text[start..end]))
                {
                    return (start, end);
                }
            }
        }

        return null;
    }

    private static List<int> Starts(string text, int at, bool isCell)
    {
        var first = at;
        while (first > 0 && at - first < LongestLocalPart && !char.IsWhiteSpace(text[first - 1]) && !char.IsControl(text[first - 1]) && !IsAt(text[first - 1]) && !Walls.Contains(text[first - 1]))
        {
            first--;
        }

        // The nearest first: where there are too many, the far ones are no address.
        var starts = new List<int>();
        for (var i = at - 1; i >= first && starts.Count < MostStarts; i--)
        {
            if (i == first || Doors.Contains(text[i - 1]) || (!isCell && Joints.Contains(text[i - 1])))
            {
                starts.Add(i);
            }
        }

        return starts;
    }

    private static List<int> Ends(string text, int at, bool isCell)
    {
        var last = at + 1;
        while (last < text.Length && (char.IsLetterOrDigit(text[last]) || text[last] is '.' or '-' || char.IsSurrogate(text[last])))
        {
            last++;
        }

        while (last > at + 1 && text[last - 1] is '.' or '-')
        {
            last--;
        }

        var ends = new List<int>();
        if (last > at + 1)
        {
            ends.Add(last);
        }

        for (var i = last - 1; !isCell && i > at + 1 && ends.Count < MostEnds; i--)
        {
            if (text[i] is '.' or '-')
            {
                ends.Add(i);
            }
        }

        return ends;
    }
}
