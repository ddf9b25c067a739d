using System.Text;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Ids as they stand in unique indexes: a GUID in its usual lower-case form takes 16 bytes, anything else its UTF-8.
/// Text that would look like a GUID's bytes, or begins with the marker, is marked with a leading zero byte, so two ids never share a key.
/// </summary>
public static class IdKey
{
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
    public static string Unpack(byte[] key) => key switch
    {
        { Length: 16 } => new Guid(key, bigEndian: true).ToString("D"),
        [TextMarker, LongMarker, .. var text] => Encoding.UTF8.GetString(text),
        [TextMarker, .. var text] => Encoding.UTF8.GetString(text),
        _ => Encoding.UTF8.GetString(key),
    };
}
