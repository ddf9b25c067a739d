using System.Globalization;

namespace LoyaltyDashboard.Sandbox;

/// <summary>Invents the cells of files. Everything in them is made up; addresses end in example domains.</summary>
internal static class SandboxRows
{
    private static readonly string[] _given = ["Ann", "Ravi", "Chloé", "Jürgen", "Mei", "Omar", "Zoë", "Søren", "Ivana", "Noah", "Łucja", "Tariq"];
    private static readonly string[] _family = ["Lee", "Patel", "Martin", "Weiß", "Tanaka", "Haddad", "Novák", "Jensen", "Okafor", "Silva", "Kowalska", "O'Neil"];

    /// <summary>One row.</summary>
    /// <param name="random">What chooses.</param>
    /// <param name="header">The headings.</param>
    /// <param name="hasBadPoints">Whether its points are no whole number.</param>
    public static IReadOnlyList<string> Invent(Random random, IReadOnlyList<string> header, bool hasBadPoints)
    {
        string given = _given[random.Next(_given.Length)], family = _family[random.Next(_family.Length)];
        return [.. header.Select(heading => Cell(random, heading, given, family, hasBadPoints))];
    }

    /// <summary>The column of the addresses and the column of the points.</summary>
    public static (int Email, int Points) Columns(string[] header) => (Array.FindIndex(header, IsEmail), Array.FindIndex(header, IsPoints));

    private static string Cell(Random random, string heading, string given, string family, bool hasBadPoints)
    {
        if (IsEmail(heading))
        {
            return $"{given}.{family}{random.Next(10, 99)}@example.{(random.Next(2) == 0 ? "com" : "org")}".Replace("'", string.Empty, StringComparison.Ordinal).ToLowerInvariant();
        }

        if (IsPoints(heading))
        {
            var points = random.Next(5, 4_000);
            return hasBadPoints
                ? (random.Next(4) switch { 0 => $"{points}.50", 1 => $"1E+{points % 9}", 2 => $"€{points}", _ => points.ToString("N0", CultureInfo.InvariantCulture) + " pts" })
                : points.ToString(CultureInfo.InvariantCulture);
        }

        return heading switch
        {
            "name" or "first" or "Vorname" or "氏名" => given,
            "surname" or "last" or "Nachname" or "البريد" => family,
            "phone" => $"+1 202 555 01{random.Next(10, 99)}",
            "joined" => $"202{random.Next(0, 6)}-0{random.Next(1, 9)}-1{random.Next(0, 9)}",
            _ => $"M{random.Next(10_000, 99_999)}",
        };
    }

    private static bool IsEmail(string heading) => heading is "email" or "E-Mail" || heading.Contains("📧", StringComparison.Ordinal) || heading.Contains("ταχυδρομείο", StringComparison.Ordinal);

    private static bool IsPoints(string heading) => heading is "points" or "Punkte" or "balance" || heading.Contains("πόντοι", StringComparison.Ordinal);
}
