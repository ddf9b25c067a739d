using System.Net;
using System.Net.Sockets;

namespace LoyaltyDashboard.Wix;

/// <summary>Whether an address is one of the public internet's, so that a link from outside cannot make this program ask a machine that only it can reach.</summary>
public static class PublicAddress
{
    // IANA's special-purpose registry: this network, private, carrier NAT, loopback, link-local, protocols, documentation, 6to4 relays, benchmarks, multicast, reserved.
    private static readonly IPNetwork[] _special4 =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"]).Select(IPNetwork.Parse),
    ];

    // Within 2000::/3, which is all that is given out: protocols (Teredo, benchmarks and ORCHID among them) and documentation.
    private static readonly IPNetwork[] _special6 = [.. ((string[])["2001::/23", "2001:db8::/32", "3fff::/20"]).Select(IPNetwork.Parse)];

    private static readonly IPNetwork _global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork _nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork _6to4 = IPNetwork.Parse("2002::/16");

    /// <summary>True for an address that anyone on the internet could reach; an IPv4 address inside an IPv6 one counts as itself.</summary>
    public static bool Is(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !_special4.Any(network => network.Contains(address));
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return Is(address.MapToIPv4());
        }

        var bytes = address.GetAddressBytes();
        return _nat64.Contains(address) ? Is(new IPAddress(bytes.AsSpan(12, 4)))
            : _6to4.Contains(address) ? Is(new IPAddress(bytes.AsSpan(2, 4)))
            : _global6.Contains(address) && !_special6.Any(network => network.Contains(address));
    }
}
