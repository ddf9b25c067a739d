using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>What following does to an import beside its sightings: asked for later, gone, stuck.</summary>
internal sealed class FollowStatements : IDisposable
{
    private readonly SqliteStatement _postpone;
    private readonly SqliteStatement _findUnknown;
    private readonly SqliteStatement _gone;
    private readonly SqliteStatement _stuck;
    private readonly SqliteStatement _instance;

    private readonly UniqueKeys _keys;

    public FollowStatements(WriterConnection connection, UniqueKeys keys)
    {
        _keys = keys;
        _postpone = connection.Prepare("UPDATE imports SET NextAsk = ?4 WHERE RowId = ?1 AND Id = ?2 AND SiteRowId = ?3 AND NextAsk IS NOT NULL");
        _findUnknown = connection.Prepare(
            $"""
            SELECT RowId, Arrived, Status, (SELECT MAX(LastObservedAt) FROM observations WHERE ImportRowId = imports.RowId AND Source = {(int)ObservationSource.Api})
            FROM imports WHERE RowId = ?1 AND Id = ?2 AND SiteRowId = ?3 AND Gone IS NULL
            """);
        _gone = connection.Prepare("UPDATE imports SET Gone = ?2, NextAsk = NULL, Stuck = NULL, StuckReason = NULL WHERE RowId = ?1");
        _stuck = connection.Prepare("UPDATE imports SET Stuck = ?4, StuckReason = ?5 WHERE RowId = ?1 AND Id = ?2 AND EntityHash = ?3 AND Stuck IS NULL AND Gone IS NULL");
        _instance = connection.Prepare("SELECT s.InstanceId FROM imports AS i JOIN sites AS s ON s.RowId = i.SiteRowId WHERE i.RowId = ?1 AND i.Id = ?2");
    }

    /// <summary>The site that an import belongs to by now; null if none is known.</summary>
    public string? InstanceOf(string importId)
    {
        var key = IdKey.Pack(importId);
        return _instance.Scalar(_keys.Find(key), key) is byte[] id ? IdKey.Unpack(id) : null;
    }

    /// <summary>Asks for an import later than planned.</summary>
    public void Postpone(string importId, long siteRowId, DateTimeOffset nextAsk)
    {
        var key = IdKey.Pack(importId);
        _postpone.Run(_keys.Find(key), key, siteRowId, nextAsk);
    }

    /// <summary>Wix does not know an import. One that it never showed may only not be there yet; any other is gone, and is asked for no more.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool NoteUnknown(string importId, long siteRowId, DateTimeOffset at)
    {
        long rowId;
        DateTimeOffset arrived;
        ImportStatus status;
        DateTimeOffset? shown;
        var key = IdKey.Pack(importId);
        using (var reader = _findUnknown.Read(_keys.Find(key), key, siteRowId))
        {
            if (!reader.Read())
            {
                return false;
            }

            (rowId, arrived, status, shown) = (reader.Number(0), reader.Time(1), (ImportStatus)reader.Number(2), reader.TimeOrNull(3));
        }

        if (shown >= at)
        {
            return false;
        }

        if (shown is null && at - arrived < FollowSchedule.GoneAfter)
        {
            Postpone(importId, siteRowId, FollowSchedule.NextAsk(status, arrived, at, rowId) ?? at + FollowSchedule.Longest);
            return false;
        }

        return _gone.Run(rowId, at) > 0;
    }

    /// <summary>Marks an import as stuck, unless it has moved since it was judged.</summary>
    /// <returns>Whether it was marked.</returns>
    public bool MarkStuck(StuckImport stuck, DateTimeOffset at)
    {
        var key = IdKey.Pack(stuck.ImportId);
        return _stuck.Run(_keys.Find(key), key, stuck.EntityHash, at, stuck.Reason) > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_postpone, _findUnknown, _gone, _stuck, _instance])
        {
            statement.Dispose();
        }
    }
}
