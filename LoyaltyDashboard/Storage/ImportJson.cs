using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Storage;

/// <summary>The one JSON form of the nouns: Wix's names, absent stays absent. Stored and served alike.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LoyaltyImport))]
[JsonSerializable(typeof(EventMetadata))]
public sealed partial class ImportJson : JsonSerializerContext
{
    // Non-ASCII stays readable and small; nothing of this is ever put into HTML without encoding.
    private static readonly ImportJson _compact = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new UtcTimeConverter() },
    });

    /// <summary>The canonical bytes of an import.</summary>
    public static byte[] Write(LoyaltyImport import) => JsonSerializer.SerializeToUtf8Bytes(import, _compact.LoyaltyImport);

    /// <summary>The canonical bytes of an event.</summary>
    public static byte[] Write(EventMetadata metadata) => JsonSerializer.SerializeToUtf8Bytes(metadata, _compact.EventMetadata);

    /// <summary>Reads what <see cref="Write(LoyaltyImport)"/> wrote.</summary>
    public static LoyaltyImport ReadImport(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, _compact.LoyaltyImport)!;

    /// <summary>Reads what <see cref="Write(EventMetadata)"/> wrote.</summary>
    public static EventMetadata ReadEvent(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, _compact.EventMetadata)!;
}
