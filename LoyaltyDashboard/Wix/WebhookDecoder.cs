using System.Security.Cryptography;
using System.Text.Json;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Wix;

/// <summary>What an authentic webhook holds.</summary>
public enum DecodedKind
{
    /// <summary>A loyalty import.</summary>
    Import,

    /// <summary>Some other event.</summary>
    OtherEvent,

    /// <summary>The right event, or none that can be told, but no import.</summary>
    NoImport,

    /// <summary>No JSON object at all. Only the SDK's door says so, and refuses it: a token's claims are JSON.</summary>
    NotJson,
}

/// <summary>The outcome of decoding; never an exception.</summary>
public sealed record DecodedWebhook
{
    /// <summary>What it holds.</summary>
    public required DecodedKind Kind { get; init; }

    /// <summary>Why there is no import, in a sentence.</summary>
    public string? Cause { get; init; }

    /// <summary>Event id; null if absent or empty.</summary>
    public string? EventId { get; init; }

    /// <summary>Event type of the envelope.</summary>
    public string? EventType { get; init; }

    /// <summary>The site's instance of the app.</summary>
    public string? InstanceId { get; init; }

    /// <summary>SHA-256 of the event's inner data; of the whole body at the SDK's door.</summary>
    public required byte[] ContentHash { get; init; }

    /// <summary>The sighting, when <see cref="Kind"/> is <see cref="DecodedKind.Import"/>.</summary>
    public ImportObservation? Observation { get; init; }
}

/// <summary>
/// Opens the layers of a webhook: claims → <c>data</c> (JSON in a string) → envelope → <c>data</c> and <c>identity</c> (JSON in strings again) → event → entity.
/// Reads every placement Wix's pages, samples and SDKs show.
/// </summary>
public static class WebhookDecoder
{
    /// <summary>The event id of the documentation's sample, which the Test button at Wix sends again and again.</summary>
    public const string TestEventId = "52269077-05f2-4b59-ba4f-36ef8c4c1e11";

    /// <summary>The only event that announces an import.</summary>
    public const string LoyaltyImportCreated = "wix.loyalty.imports.v1.loyalty_import_created";

    /// <summary>The event that a site removed the app. It has no id and no time.</summary>
    public const string AppRemoved = "AppRemoved";

    // An identity is flat. What is nested deeper than serializers like is somebody's play, and not worth the event it comes with.
    private const int DeepestIdentity = 16;

    /// <summary>Decodes the claims of an authentic token.</summary>
    /// <param name="utf8Claims">The claims, UTF-8 JSON.</param>
    /// <param name="observedAt">When the delivery came.</param>
    public static DecodedWebhook Decode(ReadOnlySpan<byte> utf8Claims, DateTimeOffset observedAt)
    {
        var data = TolerantJson.Property(TolerantJson.Parse(utf8Claims), "data");
        var envelope = TolerantJson.Unwrap(data);
        if (envelope is not { ValueKind: JsonValueKind.Object })
        {
            return NoImport(utf8Claims, "The token's data claim is not a JSON object.");
        }

        var json = new TolerantJson();
        var inner = TolerantJson.Property(envelope, "data");
        var shell = new DecodedWebhook
        {
            Kind = DecodedKind.NoImport,
            EventType = json.String(envelope, "eventType", "eventType"),
            InstanceId = NullIfEmpty(json.String(envelope, "instanceId", "instanceId")),
            ContentHash = SHA256.HashData(inner is { } content ? TolerantJson.Utf8Of(content) : utf8Claims),
        };

        var theEvent = TolerantJson.Unwrap(inner);
        shell = shell with { EventId = NullIfEmpty(json.String(theEvent, "id", "event.id")) };
        if (!string.IsNullOrEmpty(shell.EventType) && shell.EventType != LoyaltyImportCreated)
        {
            return shell with { Kind = DecodedKind.OtherEvent, Cause = $"The event type is {Shorten(shell.EventType)}, which announces no import." };
        }

        if (string.IsNullOrEmpty(shell.EventType))
        {
            return shell with { Cause = "The envelope names no event type." };
        }

        if (theEvent is not { ValueKind: JsonValueKind.Object })
        {
            return shell with { Cause = inner is null ? "The envelope holds no event data." : "The event data is not a JSON object." };
        }

        if (FindEntity(theEvent.Value) is not { } entity)
        {
            return shell with { Cause = "The event holds no loyalty import where Wix puts it (createdEvent.entity or createdEvent.entityAsJson)." };
        }

        var metadata = ReadMetadata(envelope.Value, theEvent.Value, shell, json);
        var import = LoyaltyImportReader.Read(entity, NullIfEmpty(metadata.EntityId), json);
        if (import is null)
        {
            return shell with { Cause = "Neither the import nor the event has an id." };
        }

        return shell with
        {
            Kind = DecodedKind.Import,
            Observation = new ImportObservation
            {
                Import = import,
                Source = ObservationSource.Webhook,
                ObservedAt = observedAt,
                InstanceId = shell.InstanceId,
                Event = metadata,
                UnreadableFields = json.Unreadable,
            },
        };
    }

    private static JsonElement? FindEntity(JsonElement theEvent)
    {
        var created = TolerantJson.Unwrap(TolerantJson.Property(theEvent, "createdEvent"));
        var updated = TolerantJson.Unwrap(TolerantJson.Property(theEvent, "updatedEvent"));
        ReadOnlySpan<JsonElement?> places =
        [
            TolerantJson.Property(created, "entity"),
            TolerantJson.Property(created, "entityAsJson"),
            TolerantJson.Property(updated, "currentEntity"),
            TolerantJson.Property(updated, "currentEntityAsJson"),
        ];
        foreach (var place in places)
        {
            if (TolerantJson.Unwrap(place) is { ValueKind: JsonValueKind.Object } entity)
            {
                return entity;
            }
        }

        return null;
    }

    /// <summary>Reads the event's own fields. Of the two layers the SDK makes one.</summary>
    internal static EventMetadata ReadMetadata(JsonElement? envelope, JsonElement? theEvent, DecodedWebhook shell, TolerantJson json) => new()
    {
        Id = shell.EventId,
        EntityFqdn = json.String(theEvent, "entityFqdn", "event.entityFqdn"),
        Slug = json.String(theEvent, "slug", "event.slug"),
        EntityId = json.String(theEvent, "entityId", "event.entityId"),
        EventTime = json.Time(theEvent, "eventTime", "event.eventTime"),
        EventType = shell.EventType,
        TriggeredByAnonymizeRequest = json.Boolean(theEvent, "triggeredByAnonymizeRequest", "event.triggeredByAnonymizeRequest"),
        OriginatedFrom = json.String(theEvent, "originatedFrom", "event.originatedFrom"),
        EntityEventSequence = json.String(theEvent, "entityEventSequence", "event.entityEventSequence"),
        InstanceId = shell.InstanceId,
        Identity = ReadObject(envelope, "identity", "event.identity", json),
        AccountInfo = ReadObject(envelope, "accountInfo", "event.accountInfo", json),
    };

    // Who caused an event is worth less than the event: unreadable, it is dropped and named, and the import is kept.
    private static JsonElement? ReadObject(JsonElement? envelope, string name, string path, TolerantJson json)
    {
        if (TolerantJson.Property(envelope, name) is not { } value || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0))
        {
            return null;
        }

        return TolerantJson.Unwrap(value) switch
        {
            { ValueKind: JsonValueKind.Object } known when IsFlatEnough(known, DeepestIdentity) => known,
            { ValueKind: JsonValueKind.Null } => null,
            _ => json.NoteUnreadable<JsonElement?>(path),
        };
    }

    private static bool IsFlatEnough(JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.Object => depth > 0 && value.EnumerateObject().All(p => IsFlatEnough(p.Value, depth - 1)),
        JsonValueKind.Array => depth > 0 && value.EnumerateArray().All(item => IsFlatEnough(item, depth - 1)),
        _ => true,
    };

    private static DecodedWebhook NoImport(ReadOnlySpan<byte> utf8Claims, string cause) => new() { Kind = DecodedKind.NoImport, Cause = cause, ContentHash = SHA256.HashData(utf8Claims) };

    internal static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    internal static string Shorten(string text) => text.Length <= 100 ? text : string.Concat(text.AsSpan(0, 100), "…");
}
