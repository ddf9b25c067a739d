using System.Diagnostics.CodeAnalysis;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// Says what of a sighting may be kept. Every way in passes here before it is written, so that what was removed does not come back: samples of imports that are too old, persons who
/// are to be forgotten, and all that a request to be made anonymous brings.
/// </summary>
public sealed class Keeping(Forgotten forgotten, IOptions<RetentionOptions> options, TimeProvider time)
{
    /// <summary>Another number once the rules have changed: what was judged before is to be judged again.</summary>
    internal int Version => forgotten.Version;

    /// <summary>What may be kept of a sighting.</summary>
    internal Kept Judge(ImportObservation seen)
    {
        var now = time.GetUtcNow();
        var oldest = now - TimeSpan.FromDays(options.Value.PersonalDataDays);
        var (kept, reason) = (seen, RemovalReason.None);
        if (!forgotten.IsEmpty)
        {
            kept = WithoutPersons(kept, forgotten.Holds);
            reason = ReferenceEquals(kept, seen) ? RemovalReason.None : RemovalReason.Forgotten;
        }

        if (seen.Event?.TriggeredByAnonymizeRequest == true)
        {
            return new(WithoutSamples(kept), RemovalReason.Anonymized, now, oldest);
        }

        // Found by the API alone, it arrived when it was created. Of any other the writer knows better when it arrived.
        var isTooOld = seen.Source == ObservationSource.Api && seen.Import.CreatedDate < oldest && PersonalData.HasSamples(kept.Import);
        return isTooOld ? new(WithoutSamples(kept), RemovalReason.Expired, now, oldest) : new(kept, reason, now, oldest);
    }

    /// <summary>What may be kept of a text that stands in a column of its own.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal string? Text(string? text) => text is null || forgotten.IsEmpty ? text : AddressFinder.Replace(text, PersonalData.Removed, forgotten.Holds);

    /// <summary>Why the body of a delivery may not be kept.</summary>
    internal RemovalReason JudgeBody(Delivery delivery) =>
        delivery.Observation is { Event.TriggeredByAnonymizeRequest: true } || (delivery.Observation is null && JsonTexts.IsAnonymizeRequest(delivery.Body)) ? RemovalReason.Anonymized
        : !forgotten.IsEmpty && JsonTexts.Any(delivery.Body, text => AddressFinder.Holds(text, isCell: false, forgotten.Holds)) ? RemovalReason.Forgotten
        : RemovalReason.None;

    /// <summary>A sighting without samples and without who caused it.</summary>
    internal static ImportObservation WithoutSamples(ImportObservation seen) =>
        seen with { Import = PersonalData.WithoutSamples(seen.Import), Event = seen.Event is { } metadata ? PersonalData.WithoutIdentity(metadata) : null };

    private static ImportObservation WithoutPersons(ImportObservation seen, Predicate<string> isWanted)
    {
        var import = PersonalData.WithoutPersons(seen.Import, isWanted);
        var metadata = seen.Event is { } known ? PersonalData.WithoutPersons(known, isWanted) : null;
        List<string> fields = [.. seen.UnreadableFields.Select(field => AddressFinder.Replace(field, PersonalData.Removed, isWanted))];
        return ReferenceEquals(import, seen.Import) && ReferenceEquals(metadata, seen.Event) && fields.SequenceEqual(seen.UnreadableFields) ? seen : seen with { Import = import, Event = metadata, UnreadableFields = fields };
    }
}

/// <summary>What may be kept of a sighting.</summary>
/// <param name="Observation">That much.</param>
/// <param name="Reason">Why it is less than was seen.</param>
/// <param name="At">When it was judged.</param>
/// <param name="Oldest">Of an import that arrived before, no samples are kept.</param>
internal sealed record Kept(ImportObservation Observation, RemovalReason Reason, DateTimeOffset At, DateTimeOffset Oldest);
