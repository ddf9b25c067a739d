namespace LoyaltyDashboard.Imports;

/// <summary>
/// Orders revisions and event sequences. They are 64-bit numbers sent as text, but nothing stops a longer one or a word:
/// numbers compare as numbers of any length, a word comes before every number, absent before everything.
/// </summary>
public sealed class RevisionOrder : IComparer<string?>
{
    /// <summary>The one instance.</summary>
    public static RevisionOrder Instance { get; } = new();

    private RevisionOrder()
    {
    }

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }

        var xIsNumber = TrySplit(x, out var xNegative, out var xDigits);
        var yIsNumber = TrySplit(y, out var yNegative, out var yDigits);
        if (!xIsNumber || !yIsNumber)
        {
            return xIsNumber != yIsNumber ? (xIsNumber ? 1 : -1) : string.CompareOrdinal(x, y);
        }

        if (xNegative != yNegative)
        {
            return xNegative ? -1 : 1;
        }

        var magnitude = xDigits.Length != yDigits.Length ? xDigits.Length.CompareTo(yDigits.Length) : xDigits.SequenceCompareTo(yDigits);
        return xNegative ? -magnitude : magnitude;
    }

    private static bool TrySplit(string text, out bool negative, out ReadOnlySpan<char> digits)
    {
        negative = text.StartsWith('-');
        digits = negative ? text.AsSpan(1) : text.AsSpan();
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        digits = digits.TrimStart('0');
        negative &= !digits.IsEmpty;
        return true;
    }
}
