using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Components.Pages;

/// <summary>One step of an import's life.</summary>
/// <param name="Status">Which.</param>
/// <param name="Reached">Whether the import has come this far.</param>
/// <param name="IsNow">Whether it stands here.</param>
/// <param name="Seen">When it was seen here, by Wix's clock or ours; null if it passed unseen or has not come yet.</param>
/// <param name="Took">Time since the step before that was seen.</param>
public sealed record LifeStep(ImportStatus Status, bool Reached, bool IsNow, DateTimeOffset? Seen, TimeSpan? Took);

/// <summary>The life cycle as far as sightings tell it. Pure: the same sightings in any order give the same steps.</summary>
public static class LifeCycle
{
    /// <summary>The steps, in order; a failed import ends with Failed after the last step it was seen at.</summary>
    public static IReadOnlyList<LifeStep> Steps(ImportStatus status, IReadOnlyList<ObservationRecord> observations)
    {
        var seen = observations
            .GroupBy(o => ImportStatusWords.Parse(o.Status))
            .ToDictionary(g => g.Key, g => g.Min(o => o.Updated ?? o.ObservedAt));
        ImportStatus[] order = status == ImportStatus.Failed
            ? FailedPath(seen)
            : [ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Parsed, ImportStatus.Importing, ImportStatus.Imported];

        var steps = new List<LifeStep>();
        DateTimeOffset? before = null;
        foreach (var step in order)
        {
            DateTimeOffset? at = seen.TryGetValue(step, out var time) ? time : null;
            var reached = status != ImportStatus.Unknown && Array.IndexOf(order, step) <= Array.IndexOf(order, status);
            steps.Add(new(step, reached, step == status, reached ? at : null, reached && at >= before ? at - before : null));
            before = at ?? before;
        }

        return steps;
    }

    // Wix fails an import while it parses or while it imports; which of the two, only a sighting on the way can tell.
    private static ImportStatus[] FailedPath(Dictionary<ImportStatus, DateTimeOffset> seen) =>
        seen.ContainsKey(ImportStatus.Importing) || seen.ContainsKey(ImportStatus.Parsed)
            ? [ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Parsed, ImportStatus.Importing, ImportStatus.Failed]
            : [ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Failed];
}
