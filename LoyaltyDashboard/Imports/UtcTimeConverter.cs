using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoyaltyDashboard.Imports;

/// <summary>Times in JSON as Wix writes them: RFC 3339 in UTC with a Z, milliseconds, and further digits only where there are any.</summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>Bytes of the longest text.</summary>
    public const int LongestText = 28;

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));

    /// <summary>The text of a moment.</summary>
    public static string Format(DateTimeOffset value) => value.UtcDateTime.ToString(
        value.Ticks % TimeSpan.TicksPerMillisecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The same in UTF-8, without making an object.</summary>
    /// <param name="value">The moment.</param>
    /// <param name="utf8">Room for <see cref="LongestText"/> bytes.</param>
    /// <returns>How many bytes it takes.</returns>
    public static int Format(DateTimeOffset value, Span<byte> utf8)
    {
        // With all seven digits, of which those behind the milliseconds go where they say nothing.
        value.UtcDateTime.TryFormat(utf8, out var length, "O", CultureInfo.InvariantCulture);
        var (end, shortest) = (length - 1, length - 5);
        while (end > shortest && utf8[end - 1] == '0')
        {
            end--;
        }

        utf8[end] = (byte)'Z';
        return end + 1;
    }
}
