namespace LoyaltyDashboard.Access;

/// <summary>An address in a text: all that stands around an @, up to white space or a sign that no address holds. It is found whatever it looks like, in time that grows with the text alone.</summary>
/// <param name="Begin">Where it begins.</param>
/// <param name="At">Where its @ stands.</param>
/// <param name="Domain">Where its domain begins.</param>
/// <param name="Until">Where it ends.</param>
internal readonly record struct FoundAddress(int Begin, int At, int Domain, int Until)
{
    private const string EscapedAt = "%40";

    private static readonly System.Buffers.SearchValues<char> _hints = System.Buffers.SearchValues.Create("@＠﹫%");

    /// <summary>All in a text, in order.</summary>
    public static IReadOnlyList<FoundAddress> AllIn(string text)
    {
        if (!text.AsSpan().ContainsAny(_hints))
        {
            return [];
        }

        List<FoundAddress> found = [];
        var free = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (AtLength(text, at) is not (> 0 and var length))
            {
                continue;
            }

            var (begin, until) = (BeginOf(text, at, free), EndOf(text, at + length));
            if (begin < at || until > at + length)
            {
                found.Add(new(begin, at, at + length, until));
                free = until;
                at = until - 1;
            }
        }

        return found;
    }

    private static int AtLength(string text, int index) => text[index] is '@' or '＠' or '﹫' ? 1
        : text[index] == '%' && string.CompareOrdinal(text, index, EscapedAt, 0, EscapedAt.Length) == 0 ? EscapedAt.Length : 0;

    private static bool EndsInAt(string text, int end) => AtLength(text, end - 1) == 1 || (end >= EscapedAt.Length && AtLength(text, end - EscapedAt.Length) == EscapedAt.Length);

    private static int BeginOf(string text, int at, int free)
    {
        var begin = at;
        while (begin > free && IsOfAddress(text[begin - 1]) && !EndsInAt(text, begin))
        {
            begin--;
        }

        if (begin < at || begin == free || IsBlank(text[begin - 1]) || EndsInAt(text, begin))
        {
            return begin;
        }

        // A quoted name, or a comment: back to where it opens, white space and all, and on to where the word begins.
        if (text[begin - 1] is '"' or ')' && begin - 1 > free && text.LastIndexOf(text[begin - 1] == ')' ? '(' : '"', begin - 2, begin - 1 - free) is >= 0 and var opening)
        {
            begin = opening;
        }

        while (begin > free && !IsBlank(text[begin - 1]) && !EndsInAt(text, begin))
        {
            begin--;
        }

        return begin;
    }

    private static int EndOf(string text, int begin)
    {
        if (begin < text.Length && text[begin] == '[')
        {
            var close = text.IndexOf(']', begin);
            return close < 0 ? text.Length : close + 1;
        }

        var end = begin;
        while (end < text.Length && IsOfAddress(text[end]) && AtLength(text, end) == 0)
        {
            end++;
        }

        // The end of a sentence is none of the address.
        while (end > begin && char.IsPunctuation(text[end - 1]) && text[end - 1] != Mask.Dot)
        {
            end--;
        }

        return end;
    }

    private static bool IsOfAddress(char letter) => !IsBlank(letter) && !"()<>[],;:\\\"".Contains(letter);

    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || char.IsControl(letter);
}
