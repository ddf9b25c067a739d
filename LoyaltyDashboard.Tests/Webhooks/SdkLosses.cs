using System.Globalization;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>
/// Everything that is lost on the way through the JavaScript SDK, each with its reason. What is not listed here has to be stored alike, whichever door an event comes through.
/// </summary>
internal static class SdkLosses
{
    /// <summary>JavaScript's Date is cut to milliseconds.</summary>
    public static readonly string[] Times = ["loyaltyImport.createdDate", "loyaltyImport.updatedDate", "event.eventTime"];

    /// <summary>Names in an <c>identity</c> or <c>accountInfo</c>, and in every other nested object, get a leading underscore.</summary>
    public static readonly string[] Renamed = ["id", "createdDate", "updatedDate"];

    /// <summary>The SDK does not hand on the envelope's event type.</summary>
    public const string NotHandedOn = "event.eventType";

    /// <summary>An invalid Date, and a number that JavaScript cannot hold, become null: absent here too, but no longer unreadable.</summary>
    public static readonly Dictionary<string, string> NoLongerUnreadable = new()
    {
        ["created-leap"] = "createdDate",
        ["created-object"] = "createdDate",
        ["size-raw-huge"] = "fileMetadata.size",
    };

    /// <summary>A number above 2^53 loses digits.</summary>
    public static readonly Dictionary<string, (string Path, string Sent, string Handed)> Digits = new()
    {
        ["revision-number-unsafe"] = ("loyaltyImport.revision", "9007199254740993", "9007199254740992"),
    };

    /// <summary>Other cases whose stored imports differ, with what the SDK's side has instead.</summary>
    public static readonly Dictionary<string, (string Reason, string[] Paths)> Overridden = new()
    {
        ["meta-inner-instanceId"] = ("fields of the event override those of the envelope in the SDK's metadata", ["event.instanceId", "event.identity", "site"]),
    };

    /// <summary>Stored through the first door and ignored here: without the event type, only the entity's name tells which event this is.</summary>
    public const string IgnoredForItsEntity = "meta-fqdn-other";

    /// <summary>Whether two stored values are the same but for what the SDK loses.</summary>
    public static bool AreSame(string caseName, string path, JsonNode? sent, JsonNode? handed)
    {
        if (path == NotHandedOn || (Overridden.TryGetValue(caseName, out var overridden) && overridden.Paths.Any(p => path == p || path.StartsWith(p + ".", StringComparison.Ordinal))))
        {
            return path != NotHandedOn || handed is null;
        }

        if (Digits.TryGetValue(caseName, out var digits) && digits.Path == path)
        {
            return (Text(sent), Text(handed)) == (digits.Sent, digits.Handed);
        }

        return Times.Contains(path) && sent is not null ? Milliseconds(sent) == (handed is null ? null : Milliseconds(handed)) : JsonNode.DeepEquals(sent, handed);
    }

    private static string? Text(JsonNode? value) => value?.GetValue<string>();

    // A time without milliseconds lost none: what the SDK hands on is never finer than what was sent.
    private static long? Milliseconds(JsonNode value) => DateTimeOffset.Parse(Text(value)!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
