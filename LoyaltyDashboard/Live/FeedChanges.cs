namespace LoyaltyDashboard.Live;

/// <summary>What changed since the last call.</summary>
/// <param name="commits">The ids of each publication, in order; null when there are too many to name.</param>
public sealed class FeedChanges(IReadOnlyList<IReadOnlyCollection<string>>? commits)
{
    private IReadOnlyCollection<string>? _ids;

    /// <summary>More than can be named.</summary>
    public bool Many => commits is null;

    /// <summary>The imports' ids, each once; empty when there are too many to name.</summary>
    public IReadOnlyCollection<string> Ids => _ids ??= commits is null ? [] : commits.SelectMany(ids => ids).ToHashSet();
}
