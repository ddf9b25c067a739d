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

    /// <summary>When this state was last seen. An older state that comes late leaves it alone.</summary>
    public DateTimeOffset LastSeen { get; set; }

    /// <summary>When Wix is to be asked for it next, by <see cref="FollowSchedule"/>; null when there is nothing to ask: finished, gone, a test event, or without a site.</summary>
    public DateTimeOffset? NextAsk { get; set; }

    /// <summary>When Wix said that it does not know it any more; null while it does. What was known stays.</summary>
    public DateTimeOffset? Gone { get; set; }

    /// <summary>When it was marked as stuck; null while it moves as imports do.</summary>
    public DateTimeOffset? Stuck { get; set; }

    /// <summary>Why it is marked as stuck, in a sentence.</summary>
    public string? StuckReason { get; set; }

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

    /// <summary>Whether it stands in the indexes that follow the commit; null while it does not yet. Only <see cref="ListSettling"/> sets it.</summary>
    public bool? Settled { get; set; }

    /// <summary>Header, mapping, samples.</summary>
    public ImportDocumentRecord? Document { get; set; }

    /// <summary>What <c>q</c> searches.</summary>
    public ImportTextRecord? Text { get; set; }
}

/// <summary>How far the indexes that follow the commit have come. One row.</summary>
public sealed class ListStateRecord
{
    /// <summary>Always 1.</summary>
    public long Id { get; set; }

    /// <summary>Imports up to this row stand in those indexes, those above it do not.</summary>
    public long SettledTo { get; set; }
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

    /// <summary>When sample rows were taken out, or kept out; null while they are as Wix sent them.</summary>
    public DateTimeOffset? Removed { get; set; }

    /// <summary>Why.</summary>
    public RemovalReason RemovedFor { get; set; }
}

/// <summary>Case-folded text that <c>q</c> searches: file name, ids, headings, error reason. The site's name is searched beside it.</summary>
public sealed class ImportTextRecord
{
    /// <summary>The import's row.</summary>
    public long RowId { get; set; }

    /// <summary>Folded by <see cref="TextFold"/>, its addresses masked, parts divided by line feeds.</summary>
    public required string Folded { get; set; }
}

/// <summary>One sighting; never changed, but for when it was last seen again.</summary>
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

    /// <summary>When the API last showed just this again, which adds no line; otherwise <see cref="ObservedAt"/>.</summary>
    public DateTimeOffset LastObservedAt { get; set; }

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

    /// <summary>By what a second delivery is known. Only the first delivery carries it, so no two rows have the same.</summary>
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

    /// <summary>When its body was taken away, or kept out; null while it is kept, or where none belongs.</summary>
    public DateTimeOffset? BodyRemoved { get; set; }

    /// <summary>Why; null is <see cref="RemovalReason.None"/>.</summary>
    public RemovalReason? BodyRemovedFor { get; set; }
}

/// <summary>The body of an authentic delivery: personal data, so it lives apart.</summary>
public sealed class DeliveryBodyRecord
{
    /// <summary>The delivery's row.</summary>
    public long RowId { get; set; }

    /// <summary>UTF-8, as signed: the token's claims, or the SDK's JSON.</summary>
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

    /// <summary>The name folded by <see cref="TextFold"/>, its addresses masked, for search and sort.</summary>
    public string? FoldedName { get; set; }

    /// <summary>Address, once known.</summary>
    public string? Url { get; set; }

    /// <summary>When we first heard of it.</summary>
    public DateTimeOffset FirstSeen { get; set; }

    /// <summary>How our link to Wix's API is for this site.</summary>
    public SiteLink Link { get; set; }

    /// <summary>Since when <see cref="Link"/> is as it is.</summary>
    public DateTimeOffset? LinkSince { get; set; }

    /// <summary>Why it is so, in a sentence; null while all is well.</summary>
    public string? LinkReason { get; set; }

    /// <summary>Faults in a row; sets how long we back off.</summary>
    public int FaultsInARow { get; set; }

    /// <summary>Answers of Wix that were not what is documented, ever: another import's id, a revision that went backwards, no import where one belongs.</summary>
    public long OddAnswers { get; set; }

    /// <summary>The last of them, in a sentence.</summary>
    public string? LastOddAnswer { get; set; }

    /// <summary>When Wix first answered for this site.</summary>
    public DateTimeOffset? FollowedSince { get; set; }

    /// <summary>When Wix last answered for this site.</summary>
    public DateTimeOffset? LastAnswer { get; set; }

    /// <summary>When the next thing is to be asked for this site: the earliest of its imports, <see cref="NextRecovery"/> and <see cref="NextNaming"/>.</summary>
    public DateTimeOffset? NextAsk { get; set; }

    /// <summary>Nothing is asked before: backing off, or the limit is near.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>When Wix's list is next compared with ours.</summary>
    public DateTimeOffset? NextRecovery { get; set; }

    /// <summary>Up to which createdDate the lists were compared; null before the first time, which takes in all past imports.</summary>
    public DateTimeOffset? RecoveredTo { get; set; }

    /// <summary>When the name and address are next asked for.</summary>
    public DateTimeOffset? NextNaming { get; set; }
}

/// <summary>How the link to Wix's API is, site by site. The numbers are stored.</summary>
public enum SiteLink
{
    /// <summary>Not asked yet.</summary>
    NotAsked = 0,

    /// <summary>Wix answers.</summary>
    Connected = 1,

    /// <summary>No answer, or 5xx: we back off.</summary>
    Unreachable = 2,

    /// <summary>429: Wix asked us to slow down.</summary>
    Limited = 3,

    /// <summary>Wix answers, but not what is documented: we back off.</summary>
    NotUnderstood = 4,

    /// <summary>403, or no token: asked no more until the next start, or until a person asks.</summary>
    Refused = 5,

    /// <summary>The site removed the app: asked no more until it is heard of again.</summary>
    Removed = 6,
}
