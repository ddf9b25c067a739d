using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Storage;

/// <summary>One row per import: what the list sorts and filters by, and no personal data beyond the file name.</summary>
public sealed class ImportRecord
{
    /// <summary>Insertion order; the last tie-break of every sort.</summary>
    public long RowId { get; set; }

    /// <summary>Wix's id.</summary>
    public required string Id { get; set; }

    /// <summary>The site, where known.</summary>
    public long? SiteRowId { get; set; }

    /// <inheritdoc cref="SiteRowId"/>
    public SiteRecord? Site { get; set; }

    /// <summary>Known status; sorts in life-cycle order.</summary>
    public ImportStatus Status { get; set; }

    /// <summary>The word as sent, where it is not one of the seven. Null: absent, or one of the seven.</summary>
    public string? StatusWord { get; set; }

    /// <summary>As sent.</summary>
    public string? Revision { get; set; }

    /// <summary>When Wix created it.</summary>
    public DateTimeOffset? Created { get; set; }

    /// <summary>When Wix last changed it.</summary>
    public DateTimeOffset? Updated { get; set; }

    /// <summary>When we first heard of it.</summary>
    public DateTimeOffset Arrived { get; set; }

    /// <summary>When we last saw it through any door.</summary>
    public DateTimeOffset LastSeen { get; set; }

    /// <summary>File name.</summary>
    public string? FileName { get; set; }

    /// <summary>Bytes.</summary>
    public long? FileSize { get; set; }

    /// <summary>Heading of the column mapped to EMAIL, or its index where there is no heading.</summary>
    public string? EmailColumn { get; set; }

    /// <summary>Heading of the column mapped to POINTS, or its index where there is no heading.</summary>
    public string? PointsColumn { get; set; }

    /// <summary>Rows in the file.</summary>
    public long? ParsedRowCount { get; set; }

    /// <summary>Why parsing failed.</summary>
    public string? ParseErrorReason { get; set; }

    /// <summary>Rows imported.</summary>
    public long? SuccessCount { get; set; }

    /// <summary>Rows failed.</summary>
    public long? FailureCount { get; set; }

    /// <summary>Whether Wix holds an error file.</summary>
    public bool? ErrorFileExists { get; set; }

    /// <summary>Verdict on the mapping.</summary>
    public MappingVerdict Verdict { get; set; }

    /// <summary><see cref="MappingFinding.Code"/> of the first reason, for the list's short word.</summary>
    public string? FirstFinding { get; set; }

    /// <summary>Whether this is the documentation's filler that the Test button at Wix sends.</summary>
    public bool IsTestEvent { get; set; }

    /// <summary>Event sequence of the observation that set this state; with the two below it decides which observation is newest.</summary>
    public string? EntityEventSequence { get; set; }

    /// <summary>Door of the observation that set this state.</summary>
    public ObservationSource Source { get; set; }

    /// <summary>SHA-256 of the canonical JSON of this state.</summary>
    public required byte[] EntityHash { get; set; }

    /// <summary>Header, mapping, samples.</summary>
    public ImportDocumentRecord? Document { get; set; }

    /// <summary>What <c>q</c> searches.</summary>
    public ImportTextRecord? Text { get; set; }
}

/// <summary>The whole import as JSON: holds personal data, so it lives apart and can expire alone.</summary>
public sealed class ImportDocumentRecord
{
    /// <summary>The import's row.</summary>
    public long RowId { get; set; }

    /// <summary>UTF-8 JSON of <see cref="LoyaltyImport"/>; written and read by <see cref="ImportJson"/>.</summary>
    public required byte[] Json { get; set; }

    /// <summary>Paths of fields that were sent but could not be read, one a line.</summary>
    public string? UnreadableFields { get; set; }

    /// <summary>UTF-8 JSON of the earliest announcing <see cref="EventMetadata"/>.</summary>
    public byte[]? EventJson { get; set; }

    /// <summary>The delivery that brought the announcing event.</summary>
    public long? EventDeliveryRowId { get; set; }
}

/// <summary>Case-folded text that <c>q</c> searches: file name, ids, headings, error reason. The site's name is searched beside it.</summary>
public sealed class ImportTextRecord
{
    /// <summary>The import's row.</summary>
    public long RowId { get; set; }

    /// <summary>Folded by <see cref="TextFold"/>, parts divided by line feeds.</summary>
    public required string Folded { get; set; }
}

/// <summary>One sighting; never changed.</summary>
public sealed class ObservationRecord
{
    /// <summary>Order of arrival.</summary>
    public long RowId { get; set; }

    /// <summary>The import.</summary>
    public long ImportRowId { get; set; }

    /// <summary>The door.</summary>
    public ObservationSource Source { get; set; }

    /// <summary>As sent.</summary>
    public string? Revision { get; set; }

    /// <summary>As sent.</summary>
    public string? EntityEventSequence { get; set; }

    /// <summary>As sent.</summary>
    public string? Status { get; set; }

    /// <summary>When Wix had last changed it.</summary>
    public DateTimeOffset? Updated { get; set; }

    /// <summary>When we saw it.</summary>
    public DateTimeOffset ObservedAt { get; set; }

    /// <summary>SHA-256 of the import's canonical JSON: the last tie-break, and how equal sightings are told.</summary>
    public required byte[] EntityHash { get; set; }

    /// <summary>Rows in the file, then.</summary>
    public long? ParsedRowCount { get; set; }

    /// <summary>Rows imported, then.</summary>
    public long? SuccessCount { get; set; }

    /// <summary>Rows failed, then.</summary>
    public long? FailureCount { get; set; }

    /// <summary>The delivery that brought it; none for an API answer.</summary>
    public long? DeliveryRowId { get; set; }
}

/// <summary>The doors.</summary>
public enum DeliveryDoor
{
    /// <summary><c>POST /webhooks/wix</c>.</summary>
    Wix = 0,

    /// <summary><c>POST /webhooks/wix-sdk</c>.</summary>
    Sdk = 1,
}

/// <summary>What became of a delivery. The numbers are stored.</summary>
public enum DeliveryOutcome
{
    /// <summary>Read; it set the import's state.</summary>
    Stored = 0,

    /// <summary>Seen before.</summary>
    Duplicate = 1,

    /// <summary>Read, but older than what was known: in the history only.</summary>
    Stale = 2,

    /// <summary>Authentic, some other event type.</summary>
    Ignored = 3,

    /// <summary>Authentic, no import in it.</summary>
    Quarantined = 4,

    /// <summary>Not authentic, not a token, or too large.</summary>
    Rejected = 5,
}

/// <summary>One request at a door; written once, but for the time to answer, what it is decoded to later, and the outcome that gives.</summary>
public sealed class DeliveryRecord
{
    /// <summary>Order of arrival.</summary>
    public long RowId { get; set; }

    /// <summary>The door.</summary>
    public DeliveryDoor Door { get; set; }

    /// <summary>When the request came.</summary>
    public DateTimeOffset ReceivedAt { get; set; }

    /// <summary>What became of it.</summary>
    public DeliveryOutcome Outcome { get; set; }

    /// <summary>Why, in a sentence; for rejected, ignored and quarantined ones, and for duplicates that differ.</summary>
    public string? Cause { get; set; }

    /// <summary>Status we answered.</summary>
    public int AnswerStatus { get; set; }

    /// <summary>Our time to answer in microseconds, noted afterwards, best effort.</summary>
    public long? AnswerMicroseconds { get; set; }

    /// <summary>Size of the request body.</summary>
    public long BodyBytes { get; set; }

    /// <summary>Event id, where there is one.</summary>
    public string? EventId { get; set; }

    /// <summary>Event type, where it could be read.</summary>
    public string? EventType { get; set; }

    /// <summary>The site's instance of the app, where it could be read.</summary>
    public string? InstanceId { get; set; }

    /// <summary>By what a second delivery is known. Only the first delivery carries it, so that the index is unique.</summary>
    public byte[]? DedupeKey { get; set; }

    /// <summary>SHA-256 of the event's inner data, to tell a duplicate with other content.</summary>
    public byte[]? ContentHash { get; set; }

    /// <summary>Same event id as an earlier one, other content.</summary>
    public bool ContentDiffers { get; set; }

    /// <summary>The first delivery of this event, for a duplicate.</summary>
    public long? DuplicateOfRowId { get; set; }

    /// <summary>The import it told of.</summary>
    public long? ImportRowId { get; set; }

    /// <inheritdoc cref="ImportRowId"/>
    public ImportRecord? Import { get; set; }
}

/// <summary>The body of an authentic delivery: personal data, so it lives apart.</summary>
public sealed class DeliveryBodyRecord
{
    /// <summary>The delivery's row.</summary>
    public long RowId { get; set; }

    /// <summary>UTF-8 of the token's claims, as signed.</summary>
    public required byte[] Body { get; set; }
}

/// <summary>A site: one instance of the app.</summary>
public sealed class SiteRecord
{
    /// <summary>Row.</summary>
    public long RowId { get; set; }

    /// <summary>Wix's instance id.</summary>
    public required string InstanceId { get; set; }

    /// <summary>Display name, once known.</summary>
    public string? Name { get; set; }

    /// <summary>The name folded by <see cref="TextFold"/>, for search and sort.</summary>
    public string? FoldedName { get; set; }

    /// <summary>Address, once known.</summary>
    public string? Url { get; set; }

    /// <summary>When we first heard of it.</summary>
    public DateTimeOffset FirstSeen { get; set; }
}
