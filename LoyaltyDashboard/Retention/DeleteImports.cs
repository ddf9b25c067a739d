using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Retention;

/// <summary>What an administrator deletes: an import, what Wix's Test button sent, or all of a site after it uninstalled the app. With all that belongs to it; lists show it no more.</summary>
public sealed class DeleteImports(IDbContextFactory<DashboardDb> databases, StoredData stored, PieceWriter writer, RemovalGate gate, AuditLog audit, TimeProvider time)
{
    // An import has several rows beside it.
    private const int Piece = StoredData.Piece / 4;

    /// <summary>Deletes one import. Wix may still have it: if Wix announces it again, or shows it when it is asked for the newest, it is back.</summary>
    /// <returns>False, if there is none.</returns>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<bool> OneAsync(Reader reader, string importId, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (await ImportKeys.FindAsync(database, importId, cancellation) is not { } rowId)
        {
            return false;
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Delete, $"import:{importId}"), cancellation);
        using var place = await gate.EnterAsync(cancellation);
        await RemoveAsync([rowId], cancellation);
        return true;
    }

    /// <summary>Deletes all imports that Wix's Test button sent.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<int> TestEventsAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await audit.AppendAsync(new(reader.Actor, AuditAction.Delete, "test events"), cancellation);
        using var place = await gate.EnterAsync(cancellation);
        return await Task.Run(
            async () =>
            {
                var rows = stored.Numbers("SELECT RowId FROM imports WHERE IsTestEvent = 1");
                await RemoveAsync(rows, cancellation);
                // Those that told of no import, and repeats of others.
                await RemoveDeliveriesAsync("EventId = ?1", WebhookDecoder.TestEventId, cancellation);
                return rows.Count;
            },
            cancellation);
    }

    /// <summary>Sites that have uninstalled the app, in the order of their rows.</summary>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<IReadOnlyList<SiteRecord>> RemovedSitesAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Sites.AsNoTracking().Where(s => s.Link == SiteLink.Removed).OrderBy(s => s.RowId).ToListAsync(cancellation);
    }

    /// <summary>Deletes a site and all of it, once it has uninstalled the app.</summary>
    /// <returns>How many imports it had; null, if there is no such site, or it has the app.</returns>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<int?> SiteAsync(Reader reader, string instanceId, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (await database.Sites.AsNoTracking().FirstOrDefaultAsync(s => s.InstanceId == instanceId, cancellation) is not { Link: SiteLink.Removed } site)
        {
            return null;
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Delete, $"site:{instanceId}"), cancellation);
        using var place = await gate.EnterAsync(cancellation);
        return await Task.Run(
            async () =>
            {
                var rows = stored.Numbers("SELECT RowId FROM imports WHERE SiteRowId = ?1", site.RowId);
                await RemoveAsync(rows, cancellation);
                await RemoveDeliveriesAsync("InstanceId = ?1", instanceId, cancellation);
                await writer.WriteAsync(NewPiece() with { Site = site.RowId, IsTold = true }, cancellation);
                return rows.Count;
            },
            cancellation);
    }

    private async Task RemoveAsync(List<long> rowIds, CancellationToken cancellation)
    {
        foreach (var piece in rowIds.Chunk(Piece))
        {
            cancellation.ThrowIfCancellationRequested();
            await writer.WriteAsync(NewPiece() with { Imports = piece, IsTold = true }, cancellation);
        }
    }

    // No index is worth it for a question that is asked so seldom; rows are gone through in ranges, so that the log can be emptied between them.
    private async Task RemoveDeliveriesAsync(string condition, string value, CancellationToken cancellation)
    {
        var last = stored.LastRow("deliveries");
        for (var at = 0L; at < last; at += StoredData.Look)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var piece in stored.Numbers($"SELECT RowId FROM deliveries WHERE RowId > ?2 AND RowId <= ?3 AND {condition}", value, at, at + StoredData.Look).Chunk(StoredData.Piece))
            {
                await writer.WriteAsync(NewPiece() with { Deliveries = piece }, cancellation);
            }
        }
    }

    private Upkeep NewPiece() => new(time.GetUtcNow(), RemovalReason.None);
}
