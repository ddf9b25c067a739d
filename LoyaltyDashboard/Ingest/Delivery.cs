using System.Security.Cryptography;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>One authentic request at a door, decoded: what the writer writes.</summary>
public sealed record Delivery : IngestItem
{
    private Judged? _judged;

    /// <summary>The door.</summary>
    public required DeliveryDoor Door { get; init; }

    /// <summary>When the request came.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Size of the request body.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>What was signed, kept so that it can be decoded again: the token's claims, or the SDK's JSON.</summary>
    public required byte[] Body { get; init; }

    /// <summary>By what a second delivery is known.</summary>
    public required byte[] DedupeKey { get; init; }

    /// <summary>SHA-256 of what the door hands on of the event; of two doors not comparable.</summary>
    public required byte[] ContentHash { get; init; }

    /// <summary>Event id.</summary>
    public string? EventId { get; init; }

    /// <summary>Event type.</summary>
    public string? EventType { get; init; }

    /// <summary>The site's instance of the app.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The sighting; null when there is none to store.</summary>
    public ImportObservation? Observation { get; init; }

    /// <summary>Outcome when there is no sighting: ignored or quarantined.</summary>
    public DeliveryOutcome OutcomeWithoutImport { get; init; }

    /// <summary>Why there is no sighting.</summary>
    public string? Cause { get; init; }

    /// <summary>The row of an earlier delivery that is decoded again; null for a new one.</summary>
    public long? DecodedAgainRowId { get; init; }

    internal override int Bytes => Body.Length;

    /// <summary>The observation as it is written.</summary>
    internal Sighting? Sighting => Ready.Sighting;

    /// <summary><see cref="Cause"/>, <see cref="EventId"/>, <see cref="EventType"/> and <see cref="DedupeKey"/> as they are written.</summary>
    internal DeliveryTexts Texts => Ready.Texts;

    /// <summary>The body as it is stored; null where it may not be kept.</summary>
    internal byte[]? PackedBody => Ready.PackedBody;

    /// <summary>Why the body is not kept.</summary>
    internal RemovalReason BodyRemovedFor => Ready.BodyRemovedFor;

    internal override void Prepare(Keeping? keeping)
    {
        if (_judged is null || _judged.Version != keeping?.Version || !ReferenceEquals(_judged.Of, this))
        {
            // The number first: if the rules change meanwhile, this is judged again.
            var version = keeping?.Version;
            var reason = keeping?.JudgeBody(this) ?? RemovalReason.None;
            _judged = new(version, this, Observation is null ? null : Sighting.Of(Observation, keeping), TextsFor(keeping), reason == RemovalReason.None ? PackedJson.Pack(Body) : null, reason);
        }
    }

    // A key made of an id that names a person would name them, too; what stands for it is the same each time, so that a repeat is still known.
    private DeliveryTexts TextsFor(Keeping? keeping)
    {
        var eventId = keeping?.Text(EventId) ?? EventId;
        return new(keeping?.Text(Cause) ?? Cause, eventId, keeping?.Text(EventType) ?? EventType, eventId == EventId ? DedupeKey : [(byte)'h', .. SHA256.HashData(DedupeKey)]);
    }

    private Judged Ready
    {
        get
        {
            if (_judged is null || !ReferenceEquals(_judged.Of, this))
            {
                Prepare(null);
            }

            return _judged!;
        }
    }

    private sealed record Judged(int? Version, Delivery Of, Sighting? Sighting, DeliveryTexts Texts, byte[]? PackedBody, RemovalReason BodyRemovedFor);
}

/// <summary>The texts of a delivery as they are written.</summary>
internal sealed record DeliveryTexts(string? Cause, string? EventId, string? EventType, byte[] DedupeKey);

/// <summary>A request that was turned away; written best effort and never more than so many a minute.</summary>
public sealed record RejectedDelivery(DeliveryDoor Door, DateTimeOffset ReceivedAt, long BodyBytes, int AnswerStatus, string Cause, long AnswerMicroseconds);

/// <summary>What became of a queued delivery.</summary>
public enum IngestStatus
{
    /// <summary>Committed; <see cref="IngestResult.Outcome"/> says as what.</summary>
    Committed,

    /// <summary>The queue is full or closed, or the database is locked, full or broken: nothing is promised.</summary>
    Unavailable,
}

/// <summary>The writer's answer to one waiting request.</summary>
/// <param name="Status">Whether it is safe.</param>
/// <param name="Outcome">What it was stored as.</param>
/// <param name="DeliveryRowId">Its row.</param>
public readonly record struct IngestResult(IngestStatus Status, DeliveryOutcome Outcome, long DeliveryRowId)
{
    /// <summary>Not stored.</summary>
    public static IngestResult Unavailable { get; } = new(IngestStatus.Unavailable, default, 0);
}
