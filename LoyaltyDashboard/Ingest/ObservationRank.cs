using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// What decides which of two sightings is newer: revision, event sequence, updatedDate, door, and between two that tell different things of the same revision their content: one with
/// a status that Wix documents before one without, then by hash. A total order, so the same set of sightings ends in the same state whatever order they come in.
/// </summary>
public readonly record struct ObservationRank(string? Revision, string? EntityEventSequence, DateTimeOffset? UpdatedDate, ObservationSource Source, bool HasKnownStatus, byte[] EntityHash) : IComparable<ObservationRank>
{
    /// <inheritdoc/>
    public int CompareTo(ObservationRank other)
    {
        var order = RevisionOrder.Instance.Compare(Revision, other.Revision);
        order = order != 0 ? order : RevisionOrder.Instance.Compare(EntityEventSequence, other.EntityEventSequence);
        order = order != 0 ? order : Nullable.Compare(UpdatedDate, other.UpdatedDate);
        order = order != 0 ? order : Source.CompareTo(other.Source);
        order = order != 0 ? order : HasKnownStatus.CompareTo(other.HasKnownStatus);
        return order != 0 ? order : EntityHash.AsSpan().SequenceCompareTo(other.EntityHash);
    }
}
