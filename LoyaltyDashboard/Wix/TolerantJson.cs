using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// Reads single values as Wix's samples and services write them: numbers as strings, strings as numbers, 9-digit fractions. What cannot be read is
/// absent, and its path is noted. One reader per body; not for sharing.
/// </summary>
internal sealed class TolerantJson
{
    /// <summary>Real bodies have a depth of 8; this only has to be finite.</summary>
    private const int DeepestNesting = 1024;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = DeepestNesting };

    // Letters of a \uXXXX.
    private const int UnitLength = 6;

    private static readonly string[] _dateFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd",
    ];

    private const int MostUnreadable = 100;

    private readonly List<string> _unreadable = [];

    /// <summary>Paths of what was sent but could not be read.</summary>
    public IReadOnlyList<string> Unreadable => _unreadable;

    /// <summary>Parses text as JSON; null if it is not. A byte order mark and white space around it are tolerated.</summary>
    public static JsonElement? Parse(string text)
    {
        try
        {
            return JsonElement.Parse(RepairSurrogates(text.Trim().Trim('\uFEFF')), _options);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static JsonElement? Parse(ReadOnlySpan<byte> utf8)
    {
        // What has to be repaired, or is no JSON after all, takes the long way.
        if (utf8.IndexOf("\\u"u8) < 0 && Utf8.IsValid(utf8))
        {
            try
            {
                return JsonElement.Parse(utf8, _options);
            }
            catch (JsonException)
            {
            }
        }

        return Parse(Encoding.UTF8.GetString(utf8));
    }

    /// <summary>Follows a value that may be JSON written as a string, up to three times over.</summary>
    public static JsonElement? Unwrap(JsonElement? value)
    {
        for (var turn = 0; turn < 3 && value is { ValueKind: JsonValueKind.String } text; turn++)
        {
            value = Parse(Utf8Of(text));
        }

        return value;
    }

    /// <summary>A text as UTF-8, its escapes resolved; anything else as it is written.</summary>
    public static ReadOnlySpan<byte> Utf8Of(JsonElement value)
    {
        var written = JsonMarshal.GetRawUtf8Value(value);
        if (value.ValueKind != JsonValueKind.String || !written.Contains((byte)'\\'))
        {
            return value.ValueKind == JsonValueKind.String ? written[1..^1] : written;
        }

        var reader = new Utf8JsonReader(written);
        reader.Read();
        var text = new byte[written.Length];
        return text.AsSpan(0, reader.CopyString(text));
    }

    /// <summary>A property of an object, unless absent or null. Of duplicate names the last wins.</summary>
    public static JsonElement? Property(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A property that is an object.</summary>
    public JsonElement? Object(JsonElement? parent, string name, string path) =>
        Property(parent, name) is not { } value ? null : value.ValueKind == JsonValueKind.Object ? value : NoteUnreadable<JsonElement?>(path);

    /// <summary>A property that is an array.</summary>
    public JsonElement? Array(JsonElement? parent, string name, string path) =>
        Property(parent, name) is not { } value ? null : value.ValueKind == JsonValueKind.Array ? value : NoteUnreadable<JsonElement?>(path);

    /// <summary>Text; a number or a boolean is taken as it was written.</summary>
    public string? String(JsonElement? parent, string name, string path) => Property(parent, name) is { } value ? String(value, path) : null;

    /// <inheritdoc cref="String(JsonElement?, string, string)"/>
    public string? String(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Null => null,
        _ => NoteUnreadable<string?>(path),
    };

    /// <summary>A whole number, however it is written: <c>20915</c>, <c>"20915"</c>, <c>20915.0</c>, <c>2.0915e4</c>.</summary>
    public long? Integer(JsonElement? parent, string name, string path)
    {
        if (Property(parent, name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var plain))
        {
            return plain;
        }

        var text = value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => value.GetString()!.Trim(), _ => string.Empty };
        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : NoteUnreadable<long?>(path);
    }

    /// <summary>A boolean, or its word.</summary>
    public bool? Boolean(JsonElement? parent, string name, string path)
    {
        if (Property(parent, name) is not { } value)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(value.GetString(), out var word) => word,
            _ => NoteUnreadable<bool?>(path),
        };
    }

    /// <summary>
    /// A point in time in UTC: RFC 3339 with any number of digits (cut to seven), without offset taken as UTC, or milliseconds since 1970. An empty string is absent.
    /// </summary>
    public DateTimeOffset? Time(JsonElement? parent, string name, string path)
    {
        if (Property(parent, name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var milliseconds) && milliseconds is >= -62_135_596_800_000 and < 253_402_300_800_000)
        {
            return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return NoteUnreadable<DateTimeOffset?>(path);
        }

        var text = value.GetString()!.Trim();
        if (text.Length == 0)
        {
            return null;
        }

        return DateTimeOffset.TryParseExact(CutFraction(text), _dateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : NoteUnreadable<DateTimeOffset?>(path);
    }

    /// <summary>Notes a path as unreadable. After the first hundred it only notes that there are more: a body of 2 MiB can have a million.</summary>
    public T? NoteUnreadable<T>(string path)
    {
        if (_unreadable.Count <= MostUnreadable)
        {
            _unreadable.Add(_unreadable.Count < MostUnreadable ? path : "and more");
        }

        return default;
    }

    private static string CutFraction(string text)
    {
        var dot = text.IndexOf('.');
        if (dot < 0)
        {
            return text;
        }

        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - dot - 1 > 7 ? string.Concat(text.AsSpan(0, dot + 8), text.AsSpan(end)) : text;
    }

    // Half of a surrogate pair can be written in JSON but not held in text, and one in a property's name makes every look-up beside it throw: U+FFFD stands in.
    private static string RepairSurrogates(string json)
    {
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
        {
            return json;
        }

        var repaired = new StringBuilder(json.Length);
        for (var i = 0; i < json.Length; i++)
        {
            if (EscapedUnit(json, i) is not { } unit || !char.IsSurrogate(unit))
            {
                repaired.Append(json[i]);
                if (json[i] == '\\' && i + 1 < json.Length)
                {
                    repaired.Append(json[++i]);
                }

                continue;
            }

            var isPair = char.IsHighSurrogate(unit) && EscapedUnit(json, i + UnitLength) is { } low && char.IsLowSurrogate(low);
            var length = isPair ? 2 * UnitLength : UnitLength;
            repaired.Append(isPair ? json.AsSpan(i, length) : "\uFFFD");
            i += length - 1;
        }

        return repaired.ToString();
    }

    // The UTF-16 unit that \uXXXX at a place stands for; null if there is none.
    private static char? EscapedUnit(string json, int at) =>
        at + UnitLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u' && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
