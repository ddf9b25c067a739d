using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>What following does to an import beside its sightings: asked for later, gone, stuck.</summary>
internal sealed class FollowStatements : IDisposable
{
    private readonly SqlStatement _postpone;
    private readonly SqlStatement _findUnknown;
    private readonly SqlStatement _gone;
    private readonly SqlStatement _stuck;

    public FollowStatements(SqliteConnection connection)
    {
        _postpone = new(connection, "UPDATE imports SET NextAsk = @2 WHERE Id = @0 AND SiteRowId = @1 AND NextAsk IS NOT NULL", 3);
        _findUnknown = new(connection,
            $"""
            SELECT RowId, Arrived, Status, (SELECT MAX(LastObservedAt) FROM observations WHERE ImportRowId = imports.RowId AND Source = {(int)ObservationSource.Api})
            FROM imports WHERE Id = @0 AND SiteRowId = @1 AND Gone IS NULL
            """,
            2);
        _gone = new(connection, "UPDATE imports SET Gone = @1, NextAsk = NULL, Stuck = NULL, StuckReason = NULL WHERE RowId = @0", 2);
        _stuck = new(connection, "UPDATE imports SET Stuck = @2, StuckReason = @3 WHERE Id = @0 AND EntityHash = @1 AND Stuck IS NULL AND Gone IS NULL", 4);
    }

    /// <summary>Asks for an import later than planned.</summary>
    public void Postpone(SqliteTransaction transaction, string importId, long siteRowId, DateTimeOffset nextAsk) => _postpone.Run(transaction, IdKey.Pack(importId), siteRowId, nextAsk);

    /// <summary>Wix does not know an import. One that it never showed may only not be there yet; any other is gone, and is asked for no more.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool NoteUnknown(SqliteTransaction transaction, string importId, long siteRowId, DateTimeOffset at)
    {
        long rowId;
        DateTimeOffset arrived;
        ImportStatus status;
        DateTimeOffset? shown;
        using (var reader = _findUnknown.Read(transaction, IdKey.Pack(importId), siteRowId))
        {
            if (!reader.Read())
            {
                return false;
            }

            (rowId, arrived, status, shown) = (reader.GetInt64(0), UtcTicks.To(reader.GetInt64(1)), (ImportStatus)reader.GetInt32(2), reader.IsDBNull(3) ? null : UtcTicks.To(reader.GetInt64(3)));
        }

        if (shown >= at)
        {
            return false;
        }

        if (shown is null && at - arrived < FollowSchedule.GoneAfter)
        {
            Postpone(transaction, importId, siteRowId, FollowSchedule.NextAsk(status, arrived, at, rowId) ?? at + FollowSchedule.Longest);
            return false;
        }

        return _gone.Run(transaction, rowId, at) > 0;
    }

    /// <summary>Marks an import as stuck, unless it has moved since it was judged.</summary>
    /// <returns>Whether it was marked.</returns>
    public bool MarkStuck(SqliteTransaction transaction, StuckImport stuck, DateTimeOffset at) => _stuck.Run(transaction, IdKey.Pack(stuck.ImportId), stuck.EntityHash, at, stuck.Reason) > 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_postpone, _findUnknown, _gone, _stuck])
        {
            statement.Dispose();
        }
    }
}
