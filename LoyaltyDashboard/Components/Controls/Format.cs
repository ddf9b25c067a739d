using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Components.Controls;

/// <summary>Values in the words and figures people read.</summary>
public static class Format
{
    private const int LongestName = 200;

    /// <summary>With separators.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A capped total: "10,000+" when there are more.</summary>
    public static string Count(int number, bool isExact) => Count(number) + (isExact ? string.Empty : "+");

    /// <summary>Bytes in B, KB or MB.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 0 => $"{Count(bytes)} B",
        < 1_000 => $"{bytes} B",
        < 999_950 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000.0:0.#} KB"),
        < 999_950_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000_000.0:0.##} GB"),
    };

    /// <summary>A span in its largest sensible unit.</summary>
    public static string Span(TimeSpan span) => span.Duration() switch
    {
        { TotalMilliseconds: < 1 } => "under 1 ms",
        { TotalMilliseconds: < 999.5 } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 59.95 } some => string.Create(CultureInfo.InvariantCulture, $"{some.TotalSeconds:0.#} s"),
        var some => LongSpan(TimeSpan.FromSeconds(Math.Round(some.TotalSeconds))),
    };

    /// <summary>A zero-based column as people count.</summary>
    public static string Column(long? index) => index switch
    {
        null => "No column",
        < 0 or long.MaxValue => $"Column number {index}, which cannot be",
        _ => $"Column {index + 1}",
    };

    /// <summary>Text as it can be shown without harm: control and direction marks, which could hide or turn what stands beside them, become visible signs.</summary>
    public static string Visible(string text)
    {
        if (!text.Any(IsHidden))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            visible.Append(!IsHidden(letter) ? letter : letter < ' ' ? (char)(0x2400 + letter) : '\uFFFD');
        }

        return visible.ToString();
    }

    /// <summary>The same for text of several lines, which stay lines.</summary>
    public static string VisibleLines(string text) => string.Join('\n', text.Split('\n').Select(Visible));

    /// <summary>JSON as people read it: indented, letters of every script as they are, and JSON that stands in strings opened when <paramref name="openStrings"/>.</summary>
    public static string Json(string json, bool openStrings = false)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 1024 });
            return (openStrings ? Open(node) : node)?.ToJsonString(_readable) ?? "null";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return json;
        }
    }

    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1024 };

    private static JsonNode? Open(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parent:
                return new JsonObject(parent.Select(p => KeyValuePair.Create(p.Key, Open(p.Value))));
            case JsonArray list:
                return new JsonArray([.. list.Select(Open)]);
            case JsonValue value when value.TryGetValue<string>(out var text) && text.TrimStart() is ['{' or '[', ..]:
                try
                {
                    return Open(JsonNode.Parse(text));
                }
                catch (JsonException)
                {
                    return value.DeepClone();
                }

            default:
                return node?.DeepClone();
        }
    }

    /// <summary>The beginning of a long text, never cut inside a letter.</summary>
    public static string Shorten(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)] + "…";

    /// <summary>An import by its file's name, or by the beginning of its id where there is none.</summary>
    public static string Import(string? fileName, string id) => fileName is { Length: > 0 } name ? Visible(Shorten(name, LongestName)) : $"Import {Visible(id[..Math.Min(8, id.Length)])}";

    /// <summary>A site by name, or by both ends of its id while no name is known.</summary>
    public static string Site(SiteView site) => site.Name is { Length: > 0 } name ? Visible(name) : $"Site {Visible(site.InstanceId.Length <= 13 ? site.InstanceId : $"{site.InstanceId[..4]}…{site.InstanceId[^4..]}")}";

    /// <summary>Moment as RFC 3339 for <c>ago-time</c>.</summary>
    public static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>A status word for people.</summary>
    public static string Status(ImportStatus status, string? word) => status == ImportStatus.Unknown ? (string.IsNullOrEmpty(word) ? "Unknown" : Visible(word)) : status.ToString();

    private static string LongSpan(TimeSpan span) => span switch
    {
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min {span.Seconds} s",
        { TotalDays: < 1 } => $"{(int)span.TotalHours} h {span.Minutes} min",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    private static bool IsHidden(char letter) => char.IsControl(letter) || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C' or '\uFEFF';
}
