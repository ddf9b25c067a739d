using System.Globalization;

namespace LoyaltyDashboard.Retention;

/// <summary>How many of something, in words for people.</summary>
internal static class Amount
{
    /// <summary><c>1 row</c>, <c>2,000 rows</c>.</summary>
    public static string Of(long number, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {(number == 1 ? one : many)}");

    /// <summary>Imports.</summary>
    public static string Imports(long number) => Of(number, "import", "imports");

    /// <summary>Sample rows.</summary>
    public static string Rows(long number) => Of(number, "sample row", "sample rows");

    /// <summary>Raw bodies.</summary>
    public static string Bodies(long number) => Of(number, "raw body", "raw bodies");
}
