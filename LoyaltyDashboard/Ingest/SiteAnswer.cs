using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>What one question to Wix about one site came to: sightings, and what it tells of the link. Written whole or not at all, schedule included.</summary>
public sealed record SiteAnswer : IngestItem
{
    private (int? Version, IReadOnlyList<Sighting> Sightings, SiteTexts Texts)? _judged;

    /// <summary>The site's instance of the app.</summary>
    public required string InstanceId { get; init; }

    /// <summary>When the answer was here.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>How the link is after it; null when Wix was not asked, so that it stays as it was.</summary>
    public required SiteLink? Link { get; init; }

    /// <summary>Why it is so; null while all is well.</summary>
    public string? Reason { get; init; }

    /// <summary>Nothing is asked for this site before; null: as the schedule says.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Imports as Wix showed them.</summary>
    public IReadOnlyList<ImportObservation> Observations { get; init; } = [];

    /// <summary>Imports that Wix said it does not know.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Imports whose answer could not be used, and when each is asked for again.</summary>
    public IReadOnlyList<(string ImportId, DateTimeOffset NextAsk)> Postponed { get; init; } = [];

    /// <summary>Parts of the answer that were not what is documented.</summary>
    public int OddAnswers { get; init; }

    /// <summary>The last of them, in a sentence.</summary>
    public string? OddAnswer { get; init; }

    /// <summary>Up to which createdDate Wix's list has now been compared with ours.</summary>
    public DateTimeOffset? RecoveredTo { get; init; }

    /// <summary>When the lists are compared next; null: as planned.</summary>
    public DateTimeOffset? NextRecovery { get; init; }

    /// <summary>When the name is asked for next; null: as planned.</summary>
    public DateTimeOffset? NextNaming { get; init; }

    /// <summary>Display name, when it was asked for and given.</summary>
    public string? SiteName { get; init; }

    /// <summary>Address, when it was asked for and given.</summary>
    public string? SiteUrl { get; init; }

    /// <summary>The observations as they are written.</summary>
    internal IReadOnlyList<Sighting> Sightings => Ready.Sightings;

    /// <summary><see cref="Reason"/>, <see cref="OddAnswer"/>, <see cref="SiteName"/> and <see cref="SiteUrl"/> as they are written.</summary>
    internal SiteTexts Texts => Ready.Texts;

    private (int? Version, IReadOnlyList<Sighting> Sightings, SiteTexts Texts) Ready
    {
        get
        {
            if (_judged is null)
            {
                Prepare(null);
            }

            return _judged!.Value;
        }
    }

    internal override void Prepare(Keeping? keeping)
    {
        if (_judged is null || _judged.Value.Version != keeping?.Version)
        {
            // As for a delivery: the number first.
            var version = keeping?.Version;
            _judged = (version, [.. Observations.Select(seen => Sighting.Of(seen, keeping))], keeping is null
                ? new(Reason, OddAnswer, SiteName, SiteUrl)
                : new(keeping.Text(Reason), keeping.Text(OddAnswer), keeping.Text(SiteName), keeping.Text(SiteUrl)));
        }
    }

    // Sightings are small, but a page of a hundred large ones must not slip past the queue's limit.
    internal override int Bytes => Observations.Sum(o => 1_024 + (o.Import.FileMetadata?.SampleDataRows?.Sum(row => row.Values?.Sum(cell => 2 * cell.Length) ?? 0) ?? 0));
}

/// <summary>The texts of an answer as they are written.</summary>
internal sealed record SiteTexts(string? Reason, string? OddAnswer, string? SiteName, string? SiteUrl);

/// <summary>All sites that may be asked are due for a comparison of lists; those that refused us get another chance. Written once at the start.</summary>
/// <param name="At">When the first is due.</param>
/// <param name="Apart">Between two sites, so that a start does not ask for all at once.</param>
public sealed record FollowingStarts(DateTimeOffset At, TimeSpan Apart) : IngestItem;

/// <summary>The clock was set back: what is planned is planned by the clock as it was, and would come too late by as much.</summary>
/// <param name="By">How far.</param>
public sealed record ClockWentBack(TimeSpan By) : IngestItem;

/// <summary>A person asks for a site: all of it is due now, whatever the link was.</summary>
/// <param name="InstanceId">The site's instance of the app.</param>
/// <param name="At">When.</param>
public sealed record SiteIsAskedFor(string InstanceId, DateTimeOffset At) : IngestItem;

/// <summary>Imports that stand longer than they should.</summary>
/// <param name="At">When they were judged.</param>
/// <param name="Imports">Each with its reason; one that has moved since is left alone.</param>
public sealed record StuckImports(DateTimeOffset At, IReadOnlyList<StuckImport> Imports) : IngestItem
{
    /// <summary>The imports with their reasons as they are written.</summary>
    internal IReadOnlyList<StuckImport> Kept { get; private set; } = Imports;

    internal override void Prepare(Keeping? keeping) => Kept = keeping is null ? Imports : [.. Imports.Select(import => import with { Reason = keeping.Text(import.Reason) })];
}

/// <summary>One import that stands longer than it should.</summary>
/// <param name="ImportId">Which.</param>
/// <param name="EntityHash">The state that was judged.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record StuckImport(string ImportId, byte[] EntityHash, string Reason);
