using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>A site as a reader sees it.</summary>
/// <param name="InstanceId">Wix's instance id.</param>
/// <param name="Name">Display name, once known.</param>
/// <param name="Url">Address, once known.</param>
public sealed record SiteView(string InstanceId, string? Name, string? Url);

/// <summary>How an import is followed, as far as the database knows.</summary>
/// <param name="NextAsk">When Wix is asked next; null when there is nothing to ask.</param>
/// <param name="Gone">When Wix said that it does not know it any more.</param>
/// <param name="Stuck">When it was marked as stuck.</param>
/// <param name="StuckReason">Why.</param>
/// <param name="Link">How the link to Wix is for its site.</param>
/// <param name="LinkSince">Since when.</param>
/// <param name="LinkReason">Why it is so, in a sentence; null while all is well.</param>
/// <param name="NotBefore">Nothing is asked of the site before.</param>
public sealed record FollowView(DateTimeOffset? NextAsk, DateTimeOffset? Gone, DateTimeOffset? Stuck, string? StuckReason, SiteLink Link, DateTimeOffset? LinkSince, string? LinkReason, DateTimeOffset? NotBefore)
{
    /// <summary>When Wix is really asked next; null while nothing is.</summary>
    public DateTimeOffset? NextQuestion => Link is SiteLink.Refused or SiteLink.Removed ? null : NotBefore > NextAsk ? NotBefore : NextAsk;

    /// <summary>Nothing known.</summary>
    public static FollowView None { get; } = new(null, null, null, null, SiteLink.NotAsked, null, null, null);
}

/// <summary>One line of the list and of a CSV: the narrow row, no document read.</summary>
public sealed record ImportRow(
    long RowId,
    string Id,
    SiteView? Site,
    ImportStatus Status,
    string? StatusWord,
    string? Revision,
    DateTimeOffset? Created,
    DateTimeOffset? Updated,
    DateTimeOffset Arrived,
    DateTimeOffset LastSeen,
    string? FileName,
    long? FileSize,
    string? EmailColumn,
    string? PointsColumn,
    long? ParsedRowCount,
    string? ParseErrorReason,
    long? SuccessCount,
    long? FailureCount,
    bool? ErrorFileExists,
    MappingVerdict Verdict,
    string? FirstFinding,
    bool IsTestEvent,
    FollowView Follow)
{
    /// <summary>The status as Wix wrote it; null if it sent none.</summary>
    public string? StatusText => StatusWord ?? (Status == ImportStatus.Unknown ? null : Status.ToWord());
}

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Total">How many there are in all, counted up to a limit.</param>
/// <param name="TotalIsExact">False: there are more than <paramref name="Total"/>.</param>
public sealed record ImportPage(IReadOnlyList<ImportRow> Rows, int Total, bool TotalIsExact);

/// <summary>One item of <c>GET /api/imports</c> and one line of a JSON Lines export.</summary>
/// <param name="LoyaltyImport">The import without sample rows.</param>
/// <param name="Site">Its site.</param>
/// <param name="ArrivedAt">When we first heard of it.</param>
/// <param name="Mapping">Verdict and reasons.</param>
public sealed record ImportItem(LoyaltyImport LoyaltyImport, SiteView? Site, DateTimeOffset ArrivedAt, MappingReport Mapping);

/// <summary>A page of items.</summary>
/// <param name="Items">The items.</param>
/// <param name="Total">How many there are in all, counted up to a limit.</param>
/// <param name="TotalIsExact">False: there are more than <paramref name="Total"/>.</param>
/// <param name="Next">Cursor of the next page; null at the end.</param>
public sealed record ImportItems(IReadOnlyList<ImportItem> Items, int Total, bool TotalIsExact, string? Next);

/// <summary>One import, whole.</summary>
/// <param name="Row">The narrow row.</param>
/// <param name="LoyaltyImport">The newest state.</param>
/// <param name="Event">The earliest announcing event; none if only the API has seen it.</param>
/// <param name="Mapping">Verdict and reasons.</param>
/// <param name="Observations">Every sighting, newest first.</param>
/// <param name="UnreadableFields">Paths that were sent but could not be read.</param>
/// <param name="EventDelivery">The delivery that brought the event.</param>
/// <param name="Faults">Which sample cells look wrong.</param>
/// <param name="IsMasked">Whether personal data in all of this are masked.</param>
/// <param name="Removed">When personal data were taken out of it, or kept out; null while it is as Wix sent it.</param>
/// <param name="RemovedFor">Why.</param>
public sealed record ImportDetail(
    ImportRow Row,
    LoyaltyImport LoyaltyImport,
    EventMetadata? Event,
    MappingReport Mapping,
    IReadOnlyList<ObservationRecord> Observations,
    IReadOnlyList<string> UnreadableFields,
    DeliveryRecord? EventDelivery,
    CellFaults Faults,
    bool IsMasked = false,
    DateTimeOffset? Removed = null,
    RemovalReason RemovedFor = RemovalReason.None);

/// <summary>Ids of the imports before and after one in a filtered list; null at the ends.</summary>
public sealed record Neighbours(string? Previous, string? Next);

/// <summary>The KPI tiles: the last 24 hours over all imports.</summary>
/// <param name="Arrived">Imports that arrived.</param>
/// <param name="ArrivedPerHour">The same by hour, oldest first, 24 numbers.</param>
/// <param name="Moving">PARSING or IMPORTING.</param>
/// <param name="Waiting">PARSED: wait for Execute.</param>
/// <param name="Failed">FAILED.</param>
/// <param name="RowsImported">Sum of successCount over those that are IMPORTED.</param>
/// <param name="RowsFailed">Sum of failureCount over imports with at least one.</param>
public sealed record ImportTiles(int Arrived, IReadOnlyList<int> ArrivedPerHour, int Moving, int Waiting, int Failed, long RowsImported, long RowsFailed);

/// <summary>The body of a delivery.</summary>
/// <param name="Json">The token's claims as JSON text; null: there is a body, which the reader may not see.</param>
public sealed record DeliveryBody(string? Json);

/// <summary>A page of deliveries, newest first.</summary>
/// <param name="Deliveries">The rows; <see cref="DeliveryRecord.Import"/> is filled where there is one.</param>
/// <param name="Total">How many there are in all, counted up to a limit.</param>
/// <param name="TotalIsExact">False: there are more than <paramref name="Total"/>.</param>
public sealed record DeliveryPage(IReadOnlyList<DeliveryRecord> Deliveries, int Total, bool TotalIsExact);

/// <summary>One line of the sites page: a site, what came of it, and how it is followed.</summary>
/// <param name="RowId">Its row.</param>
/// <param name="Site">Who it is.</param>
/// <param name="Imports">Imports that are known.</param>
/// <param name="Unfinished">Those of them that are still followed: not finished, not gone, no test event.</param>
/// <param name="LastArrival">When the newest of them arrived; null without any.</param>
/// <param name="FollowedSince">When Wix first answered for the site.</param>
/// <param name="Link">How the link to Wix is.</param>
/// <param name="LinkSince">Since when.</param>
/// <param name="LinkReason">Why it is so, in a sentence; null while all is well.</param>
/// <param name="OddAnswers">Answers that were not what Wix documents, ever.</param>
/// <param name="LastOddAnswer">The last of them, in a sentence.</param>
/// <param name="NextAsk">When the next thing is planned; null: nothing is.</param>
/// <param name="NotBefore">Nothing is asked before.</param>
public sealed record SiteStatus(
    long RowId,
    SiteView Site,
    int Imports,
    int Unfinished,
    DateTimeOffset? LastArrival,
    DateTimeOffset? FollowedSince,
    SiteLink Link,
    DateTimeOffset? LinkSince,
    string? LinkReason,
    long OddAnswers,
    string? LastOddAnswer,
    DateTimeOffset? NextAsk,
    DateTimeOffset? NotBefore)
{
    /// <summary>When Wix is asked next: as planned, or when the site has rested.</summary>
    public DateTimeOffset? NextQuestion => NotBefore > NextAsk ? NotBefore : NextAsk;
}

/// <summary>A page of sites.</summary>
/// <param name="Sites">The rows.</param>
/// <param name="Total">How many there are in all.</param>
public sealed record SitePage(IReadOnlyList<SiteStatus> Sites, int Total);
