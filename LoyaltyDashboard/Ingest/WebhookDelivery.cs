using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Ingest;

/// <summary>Makes a <see cref="Delivery"/> of authentic claims.</summary>
public static class WebhookDelivery
{
    /// <summary>Decodes and wraps what came.</summary>
    /// <param name="claims">The token's claims.</param>
    /// <param name="bodyBytes">Size of the request body.</param>
    /// <param name="receivedAt">When it came.</param>
    public static Delivery Create(byte[] claims, long bodyBytes, DateTimeOffset receivedAt)
    {
        var decoded = WebhookDecoder.Decode(claims, receivedAt);
        return new Delivery
        {
            Door = DeliveryDoor.Wix,
            ReceivedAt = receivedAt,
            BodyBytes = bodyBytes,
            Body = claims,
            DedupeKey = DedupeKey(decoded),
            ContentHash = decoded.ContentHash,
            EventId = decoded.EventId,
            EventType = decoded.EventType,
            InstanceId = decoded.InstanceId,
            Observation = decoded.Observation,
            OutcomeWithoutImport = decoded.Kind == DecodedKind.OtherEvent ? DeliveryOutcome.Ignored : DeliveryOutcome.Quarantined,
            Cause = decoded.Cause,
        };
    }

    // The leading byte keeps event ids and hashes apart.
    private static byte[] DedupeKey(DecodedWebhook decoded) => decoded.EventId is { } eventId
        ? [(byte)'e', .. IdKey.Pack(eventId)]
        : [(byte)'h', .. SHA256.HashData([.. Encoding.UTF8.GetBytes(decoded.InstanceId ?? string.Empty), 0, .. decoded.ContentHash])];
}
