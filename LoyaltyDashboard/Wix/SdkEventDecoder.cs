using System.Security.Cryptography;
using System.Text.Json;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// Opens what the JavaScript SDK hands to <c>onLoyaltyImportCreated</c>, written as JSON: <c>{"entity":…,"metadata":…}</c>. The SDK has opened the layers of the webhook,
/// renamed <c>id</c>, <c>createdDate</c> and <c>updatedDate</c> (a leading <c>_</c>), cut times to milliseconds and dropped the event type.
/// </summary>
public static class SdkEventDecoder
{
    /// <summary>The entity whose events announce imports. The SDK does not hand on the event type, so this tells one event from another.</summary>
    public const string LoyaltyImport = "wix.loyalty.imports.v1.loyalty_import";

    /// <summary>Decodes the body of an authentic request.</summary>
    /// <param name="utf8Body">The body, UTF-8 JSON.</param>
    /// <param name="observedAt">When it came.</param>
    public static DecodedWebhook Decode(ReadOnlySpan<byte> utf8Body, DateTimeOffset observedAt)
    {
        var hash = SHA256.HashData(utf8Body);
        if (TolerantJson.Parse(utf8Body) is not { ValueKind: JsonValueKind.Object } body)
        {
            return new() { Kind = DecodedKind.NotJson, ContentHash = hash, Cause = "The body is no JSON object. Send JSON.stringify({ entity, metadata }) of the event that the SDK hands to onLoyaltyImportCreated." };
        }

        var json = new TolerantJson();
        var metadata = json.Object(body, "metadata", "event");
        var shell = new DecodedWebhook
        {
            Kind = DecodedKind.NoImport,
            EventId = LoyaltyImportReader.ReadId(metadata, "event.id", json),
            InstanceId = WebhookDecoder.NullIfEmpty(json.String(metadata, "instanceId", "instanceId")),
            ContentHash = hash,
        };

        var theEvent = WebhookDecoder.ReadMetadata(metadata, metadata, shell, json);
        if (!string.IsNullOrEmpty(theEvent.EntityFqdn) && theEvent.EntityFqdn != LoyaltyImport)
        {
            return shell with { Kind = DecodedKind.OtherEvent, Cause = $"The event is about {WebhookDecoder.Shorten(theEvent.EntityFqdn)}, which is no loyalty import." };
        }

        if (TolerantJson.Unwrap(TolerantJson.Property(body, "entity")) is not { ValueKind: JsonValueKind.Object } entity)
        {
            return shell with { Cause = "The body holds no loyalty import where the SDK puts it (entity)." };
        }

        if (LoyaltyImportReader.Read(entity, WebhookDecoder.NullIfEmpty(theEvent.EntityId), json) is not { } import)
        {
            return shell with { Cause = "Neither the import nor the event has an id." };
        }

        return shell with
        {
            Kind = DecodedKind.Import,
            Observation = new ImportObservation
            {
                Import = import,
                Source = ObservationSource.Sdk,
                ObservedAt = observedAt,
                InstanceId = shell.InstanceId,
                Event = theEvent,
                UnreadableFields = json.Unreadable,
            },
        };
    }
}
