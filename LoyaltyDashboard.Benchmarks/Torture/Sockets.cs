using System.Globalization;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>The connections of a server on loopback, as the system knows them.</summary>
internal static class Sockets
{
    /// <summary>The ports of those that are connected to a server.</summary>
    public static HashSet<int> ClientsOf(int port) =>
    [
        .. ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).SelectMany(file => File.ReadLines(file).Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[3] == "01" && Port(columns[1]) == port).Select(columns => Port(columns[2])),
    ];

    private static int Port(string address) => int.Parse(address.Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
