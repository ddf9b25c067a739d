using System.Globalization;

namespace LoyaltyDashboard.Benchmarks.Measuring;

/// <summary>How numbers are written, wherever this runs.</summary>
internal static class Text
{
    public static CultureInfo Culture { get; } = CultureInfo.InvariantCulture;

    /// <summary>Numbers in a text, in this culture.</summary>
    public static string Of(FormattableString text) => text.ToString(Culture);
}
