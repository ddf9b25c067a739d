using System.Net;

namespace LoyaltyDashboard.Webhooks;

/// <summary>Whom an address stands for when it comes to counting: itself, and in IPv6 the line it is on, which has 2^64 of them.</summary>
/// <param name="High">The first half.</param>
/// <param name="Low">The second half; 0 for a line.</param>
public readonly record struct AddressGroup(ulong High, ulong Low)
{
    /// <summary>The one of an address; who comes through a Unix socket has none.</summary>
    public static AddressGroup Of(IPAddress? address)
    {
        if (address is null)
        {
            return default;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes), address.IsIPv4MappedToIPv6 || address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) : 0);
    }
}
