using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Ingest;

/// <summary>Makes a <see cref="Delivery"/> of what came authentic through a door.</summary>
public static class WebhookDelivery
{
    /// <summary>Decodes and wraps what came from Wix itself.</summary>
    /// <param name="claims">The token's claims.</param>
    /// <param name="bodyBytes">Size of the request body.</param>
    /// <param name="receivedAt">When it came.</param>
    public static Delivery Create(byte[] claims, long bodyBytes, DateTimeOffset receivedAt) => Create(DeliveryDoor.Wix, claims, bodyBytes, receivedAt);

    /// <summary>Decodes and wraps what came through a door.</summary>
    /// <param name="door">The door, which decides how it is decoded.</param>
    /// <param name="body">What was signed and is kept: the token's claims, or the SDK's JSON.</param>
    /// <param name="bodyBytes">Size of the request body.</param>
    /// <param name="receivedAt">When it came.</param>
    public static Delivery Create(DeliveryDoor door, byte[] body, long bodyBytes, DateTimeOffset receivedAt) =>
        Create(door, door == DeliveryDoor.Sdk ? SdkEventDecoder.Decode(body, receivedAt) : WebhookDecoder.Decode(body, receivedAt), body, bodyBytes, receivedAt);

    /// <summary>Wraps what is decoded already.</summary>
    /// <inheritdoc cref="Create(DeliveryDoor, byte[], long, DateTimeOffset)"/>
    public static Delivery Create(DeliveryDoor door, DecodedWebhook decoded, byte[] body, long bodyBytes, DateTimeOffset receivedAt) => new()
    {
        Door = door,
        ReceivedAt = receivedAt,
        BodyBytes = bodyBytes,
        Body = body,
        DedupeKey = DedupeKey(decoded),
        ContentHash = decoded.ContentHash,
        EventId = decoded.EventId,
        EventType = decoded.EventType,
        InstanceId = decoded.InstanceId,
        Observation = decoded.Observation,
        OutcomeWithoutImport = decoded.Kind == DecodedKind.OtherEvent ? DeliveryOutcome.Ignored : DeliveryOutcome.Quarantined,
        Cause = decoded.Cause,
    };

    // The leading byte keeps event ids and hashes apart.
    private static byte[] DedupeKey(DecodedWebhook decoded) => decoded.EventId is { } eventId
        ? [(byte)'e', .. IdKey.Pack(eventId)]
        : [(byte)'h', .. SHA256.HashData([.. Encoding.UTF8.GetBytes(decoded.InstanceId ?? string.Empty), 0, .. decoded.ContentHash])];
}
