namespace LoyaltyDashboard.Live;

/// <summary>What changed since the last call.</summary>
/// <param name="commits">The imports of each publication, in order; null when there are too many to name.</param>
public sealed class FeedChanges(IReadOnlyList<IReadOnlyCollection<ChangedImport>>? commits)
{
    private IReadOnlyCollection<string>? _ids;

    /// <summary>More than can be named.</summary>
    public bool Many => commits is null;

    /// <summary>The imports, one perhaps more than once; empty when there are too many to name.</summary>
    public IEnumerable<ChangedImport> Imports => commits?.SelectMany(imports => imports) ?? [];

    /// <summary>The imports' ids, each once; empty when there are too many to name.</summary>
    public IReadOnlyCollection<string> Ids => _ids ??= commits is null ? [] : Imports.Select(import => import.Id).ToHashSet();
}
