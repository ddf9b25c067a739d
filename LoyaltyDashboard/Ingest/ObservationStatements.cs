using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>The history of imports. What the API shows again and again is one line that remembers when it was last seen, so that waiting for months takes no room.</summary>
internal sealed class ObservationStatements : IDisposable
{
    private readonly SqlStatement _insert;
    private readonly SqlStatement _again;
    private readonly SqlStatement _times;

    public ObservationStatements(SqliteConnection connection)
    {
        _insert = new(connection,
            """
            INSERT INTO observations (ImportRowId, Source, Revision, EntityEventSequence, Status, Updated, ObservedAt, LastObservedAt, EntityHash, ParsedRowCount, SuccessCount, FailureCount, DeliveryRowId)
            VALUES (@0, @1, @2, @3, @4, @5, @6, @6, @7, @8, @9, @10, @11)
            """,
            12);
        _again = new(connection,
            $"UPDATE observations SET ObservedAt = MIN(ObservedAt, @2), LastObservedAt = MAX(LastObservedAt, @2) WHERE ImportRowId = @0 AND Source = {(int)ObservationSource.Api} AND EntityHash = @1", 3);
        _times = new(connection, "SELECT MIN(ObservedAt), MAX(CASE WHEN EntityHash = @1 THEN LastObservedAt END) FROM observations WHERE ImportRowId = @0", 2);
    }

    /// <summary>Adds a sighting to the history.</summary>
    public void Note(SqliteTransaction transaction, long importRowId, ImportObservation observation, byte[] hash, long? deliveryRowId)
    {
        if (observation.Source == ObservationSource.Api && _again.Run(transaction, importRowId, hash, observation.ObservedAt) > 0)
        {
            return;
        }

        var import = observation.Import;
        _insert.Run(
            transaction, importRowId, observation.Source, import.Revision, observation.Event?.EntityEventSequence, import.Status, import.UpdatedDate, observation.ObservedAt, hash,
            import.ParseResult?.ParsedRowCount, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, deliveryRowId);
    }

    /// <summary>When an import was first seen at all, and when a certain state of it was last seen. There is at least one sighting of that state.</summary>
    public (DateTimeOffset First, DateTimeOffset LastOfState) Times(SqliteTransaction transaction, long importRowId, byte[] hash)
    {
        using var reader = _times.Read(transaction, importRowId, hash);
        reader.Read();
        return (UtcTicks.To(reader.GetInt64(0)), UtcTicks.To(reader.GetInt64(1)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_insert, _again, _times])
        {
            statement.Dispose();
        }
    }
}
