using System.Text;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Ids as they are stored and looked for: a GUID in its usual lower-case form takes 16 bytes, anything else its UTF-8.
/// Text that would look like a GUID's bytes, or begins with the marker, is marked with a leading zero byte, so two ids never share a key.
/// </summary>
public static class IdKey
{
    /// <summary>Bytes of a GUID's text.</summary>
    public const int GuidLength = 36;

    private const byte TextMarker = 0;

    // Never a byte of UTF-8.
    private const byte LongMarker = 0xFF;

    /// <summary>The key of an id.</summary>
    public static byte[] Pack(string id)
    {
        if (Guid.TryParseExact(id, "D", out var guid) && guid.ToString("D") == id)
        {
            return guid.ToByteArray(bigEndian: true);
        }

        var text = Encoding.UTF8.GetBytes(id);
        return text switch
        {
            // One more byte would make sixteen, a GUID's length.
            { Length: 15 } when text[0] == TextMarker => [TextMarker, LongMarker, .. text],
            { Length: 16 } or [TextMarker, ..] => [TextMarker, .. text],
            _ => text,
        };
    }

    /// <summary>The id of a key made by <see cref="Pack"/>.</summary>
    public static string Unpack(byte[] key)
    {
        Span<byte> room = stackalloc byte[GuidLength];
        return Encoding.UTF8.GetString(Unpack(key, room));
    }

    /// <summary>The same in UTF-8, without making an object.</summary>
    /// <param name="key">The key.</param>
    /// <param name="room">Room for <see cref="GuidLength"/> bytes: where the id stands if it is a GUID.</param>
    /// <returns>The id, in <paramref name="room"/> or in <paramref name="key"/>.</returns>
    public static ReadOnlySpan<byte> Unpack(ReadOnlySpan<byte> key, Span<byte> room)
    {
        if (key.Length == 16)
        {
            new Guid(key, bigEndian: true).TryFormat(room, out var length, "D");
            return room[..length];
        }

        return key is [TextMarker, ..] ? key[(key is [_, LongMarker, ..] ? 2 : 1)..] : key;
    }
}
