using System.Globalization;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>
/// Everything that is lost on the way through the JavaScript SDK, each with its reason. What is not listed here has to be stored alike, whichever door an event comes through.
/// (It also renames ids nested in fields that nobody reads; none of these is stored.)
/// </summary>
internal static class SdkLosses
{
    /// <summary>JavaScript's Date is cut to milliseconds.</summary>
    public static readonly string[] Times = ["loyaltyImport.createdDate", "loyaltyImport.updatedDate", "event.eventTime", "observations.updatedDate"];

    /// <summary>The SDK does not hand on the envelope's event type.</summary>
    public const string NotHandedOn = "event.eventType";

    /// <summary>Stored through the first door and ignored here: without the event type, only the entity's name tells which event this is.</summary>
    public const string IgnoredForItsEntity = "meta-fqdn-other";

    /// <summary>An invalid Date, and a number that JavaScript cannot hold, become null: absent here too, but no longer unreadable.</summary>
    public static readonly Dictionary<string, string> NoLongerUnreadable = new()
    {
        ["created-leap"] = "createdDate",
        ["created-object"] = "createdDate",
        ["size-raw-huge"] = "fileMetadata.size",
    };

    /// <summary>Values that the SDK changes, as the two doors store them.</summary>
    public static readonly Dictionary<(string Case, string Path), (string Sent, string Handed, string Reason)> Changed = new()
    {
        [("revision-number-unsafe", "loyaltyImport.revision")] = ("\"9007199254740993\"", "\"9007199254740992\"", BeyondJavaScript),
        [("revision-number-unsafe", "observations.revision")] = ("\"9007199254740993\"", "\"9007199254740992\"", BeyondJavaScript),
        [("meta-inner-instanceId", "event.instanceId")] = ("\"f1a2b3c4-0001-4002-8003-000000000001\"", "\"inner-instance\"", InnerWins),
        [("meta-inner-instanceId", "site.instanceId")] = ("\"f1a2b3c4-0001-4002-8003-000000000001\"", "\"inner-instance\"", InnerWins),
        [("meta-inner-instanceId", "event.identity")] =
            ("""{"identityType":"WIX_USER","wixUserId":"a0a0a0a0-1111-4222-8333-444444444444"}""", """{"identityType":"APP","appId":"11111111-2222-4333-8444-555555555555"}""", InnerWins),
    };

    private const string BeyondJavaScript = "a number above 2^53 loses digits";
    private const string InnerWins = "what the event says of itself overrides the envelope in the SDK's metadata";

    /// <summary>Whether two stored values are the same but for what the SDK loses.</summary>
    public static bool AreSame(string caseName, string path, JsonNode? sent, JsonNode? handed) =>
        path == NotHandedOn ? handed is null
        : Changed.TryGetValue((caseName, path), out var changed) ? (sent?.ToJsonString(), handed?.ToJsonString()) == (changed.Sent, changed.Handed)
        : Times.Contains(path) && sent is not null && handed is not null ? Cut(Time(sent)) == Time(handed)
        : JsonNode.DeepEquals(sent, handed);

    private static DateTimeOffset Cut(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static DateTimeOffset Time(JsonNode value) => DateTimeOffset.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture);
}
