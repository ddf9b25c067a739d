using System.Globalization;
using System.Text.Json;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>
/// Every deliberate difference between this program and the official SDK, with its reason. What is not listed here has to be the same.
/// </summary>
internal static class SdkDifferences
{
    /// <summary>Accepted by the SDK, refused here.</summary>
    public static readonly Dictionary<string, string> Stricter = new()
    {
        ["sig-alg-RS384"] = "Wix signs with RS256 only",
        ["sig-alg-RS512"] = "Wix signs with RS256 only",
        ["sig-alg-PS512"] = "Wix signs with RS256 only",
        ["text-inner-lf-sig"] = "not base64url",
        ["text-sig-padding"] = "not base64url",
        ["text-std-base64-sig"] = "not base64url",
        ["text-sig-junk-chars"] = "not base64url",
        ["text-body-bom"] = "a byte order mark is no part of a token",
        ["text-body-nul"] = "a NUL is no white space",
        ["text-body-bad-utf8"] = "not ASCII",
    };

    /// <summary>
    /// Authentic, but the SDK throws while it opens the layers, so that its answer holds nothing to compare with. Refusing would mean twelve retries and a
    /// loss; here each is kept, as an import where one can be read.
    /// </summary>
    public static readonly Dictionary<string, (DeliveryOutcome Outcome, string Reason)> SdkThrows = new()
    {
        ["identity-not-json"] = (DeliveryOutcome.Stored, "who caused an event is worth less than the event"),
        ["identity-object"] = (DeliveryOutcome.Stored, "an identity that is an object already can be read"),
        ["data-digest-style"] = (DeliveryOutcome.Quarantined, "data is an object without an event type"),
        ["data-inner-object"] = (DeliveryOutcome.Stored, "an event that is an object already can be read"),
        ["data-inner-bom"] = (DeliveryOutcome.Stored, "a byte order mark before JSON harms nobody"),
        ["data-number"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-not-json"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-empty"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-json-null"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-json-string"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-json-array"] = (DeliveryOutcome.Quarantined, "no envelope"),
        ["data-empty-object"] = (DeliveryOutcome.Quarantined, "no event type and no event"),
        ["data-inner-trailing"] = (DeliveryOutcome.Quarantined, "the event is not JSON"),
    };

    /// <summary>Too deep to be written down beside the SDK's answer; the import in it is an ordinary one.</summary>
    public const string OmittedFromAnswers = "shape-deep";

    /// <summary>Revision: JavaScript cannot hold whole numbers above 2^53; here no digit is lost. 1 and "1" are the same.</summary>
    public static bool SameRevision(string? ours, string? theirs) =>
        ours == theirs
        || (ours == "9007199254740993" && theirs == "9007199254740992")
        || (decimal.TryParse(ours, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(theirs, NumberStyles.Float, CultureInfo.InvariantCulture, out var b) && a == b);

    /// <summary>A count or size: what no column can hold (a fraction, beyond 64 bits, a word) is absent here, named unreadable, and whole in the body.</summary>
    public static bool SameNumber(long? ours, string? theirs) =>
        decimal.TryParse(theirs, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? ours == (long)number
            : ours is null;

    /// <summary>A time: compared to the millisecond, to which JavaScript cuts it. Without an offset it is UTC here, local time there. What is no date there is absent here.</summary>
    public static bool SameTime(DateTimeOffset? ours, string? theirs)
    {
        if (string.IsNullOrEmpty(theirs))
        {
            return ours is null;
        }

        if (long.TryParse(theirs, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var epoch))
        {
            return ours?.ToUnixTimeMilliseconds() == epoch;
        }

        return DateTimeOffset.TryParse(theirs, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? ours?.ToUnixTimeMilliseconds() == time.ToUnixTimeMilliseconds()
            : ours is null;
    }

    /// <summary>
    /// The entity: the SDK reads <c>createdEvent.entity</c> alone; here also <c>entityAsJson</c> (what the Test button sends), a string of JSON in either, a
    /// wrapping <c>loyaltyImport</c>, and <c>updatedEvent.currentEntity</c>.
    /// </summary>
    public static JsonElement? Entity(JsonElement payload)
    {
        var created = Child(payload, "createdEvent");
        foreach (var place in (JsonElement?[])[Child(created, "entity"), Child(created, "entityAsJson"), Child(Child(payload, "updatedEvent"), "currentEntity")])
        {
            if (Opened(place) is { ValueKind: JsonValueKind.Object } found)
            {
                return Child(found, "loyaltyImport") is { ValueKind: JsonValueKind.Object } inner ? inner : found;
            }
        }

        return null;
    }

    /// <summary>Account and site: the SDK takes an object alone; here an object written as a string is opened.</summary>
    public static JsonElement? AccountInfo(JsonElement parsed) => Opened(Child(parsed, "accountInfo")) is { ValueKind: JsonValueKind.Object } account ? account : null;

    /// <summary>A property, unless absent or null.</summary>
    public static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var child) && child.ValueKind != JsonValueKind.Null ? child : null;

    private static JsonElement? Opened(JsonElement? value)
    {
        if (value is not { ValueKind: JsonValueKind.String } text)
        {
            return value;
        }

        try
        {
            return JsonDocument.Parse(text.GetString()!, new JsonDocumentOptions { MaxDepth = 1024 }).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
