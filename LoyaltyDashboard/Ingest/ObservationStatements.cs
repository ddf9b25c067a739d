using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>The history of imports. What the API shows again and again is one line that remembers when it was last seen, so that waiting for months takes no room.</summary>
internal sealed class ObservationStatements : IDisposable
{
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _again;
    private readonly SqliteStatement _times;

    public ObservationStatements(WriterConnection connection)
    {
        _insert = connection.Prepare(
            """
            INSERT INTO observations (ImportRowId, Source, Revision, EntityEventSequence, Status, Updated, ObservedAt, LastObservedAt, EntityHash, ParsedRowCount, SuccessCount, FailureCount, DeliveryRowId)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11, ?12)
            """);
        _again = connection.Prepare(
            $"UPDATE observations SET ObservedAt = MIN(ObservedAt, ?3), LastObservedAt = MAX(LastObservedAt, ?3) WHERE ImportRowId = ?1 AND Source = {(int)ObservationSource.Api} AND EntityHash = ?2");
        _times = connection.Prepare("SELECT MIN(ObservedAt), MAX(CASE WHEN EntityHash = ?2 THEN LastObservedAt END) FROM observations WHERE ImportRowId = ?1");
    }

    /// <summary>Adds a sighting to the history.</summary>
    public void Note(long importRowId, Sighting sighting, long? deliveryRowId)
    {
        var (observation, import, hash) = (sighting.Observation, sighting.Import, sighting.Hash);
        if (observation.Source == ObservationSource.Api && _again.Run(importRowId, hash, observation.ObservedAt) > 0)
        {
            return;
        }

        _insert.Run(
            importRowId, observation.Source, import.Revision, observation.Event?.EntityEventSequence, import.Status, import.UpdatedDate, observation.ObservedAt, hash,
            import.ParseResult?.ParsedRowCount, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, deliveryRowId);
    }

    /// <summary>When an import was first seen at all, and when a certain state of it was last seen. There is at least one sighting of that state.</summary>
    public (DateTimeOffset First, DateTimeOffset LastOfState) Times(long importRowId, byte[] hash)
    {
        using var reader = _times.Read(importRowId, hash);
        reader.Read();
        return (reader.Time(0), reader.Time(1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_insert, _again, _times])
        {
            statement.Dispose();
        }
    }
}
