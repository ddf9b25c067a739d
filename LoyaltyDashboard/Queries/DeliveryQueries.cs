using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>Reading of what came to the doors.</summary>
public sealed class DeliveryQueries(IDbContextFactory<DashboardDb> databases)
{
    /// <summary>One page, newest first.</summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="outcomes">Any of these; empty for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">Rows a page.</param>
    /// <param name="cancellation">Stops the query.</param>
    public async Task<DeliveryPage> PageAsync(Reader reader, IReadOnlyList<DeliveryOutcome> outcomes, int page, int pageSize, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var wanted = outcomes.ToArray();
        var deliveries = Seen(database, reader).AsNoTracking().Where(d => wanted.Length == 0 || wanted.Contains(d.Outcome));
        var skip = (int)Math.Min(int.MaxValue, (page - 1L) * pageSize);
        var rows = await deliveries.OrderByDescending(d => d.RowId).Skip(skip).Take(pageSize).Include(d => d.Import!.Site).ToListAsync(cancellation);
        var count = await deliveries.OrderBy(d => d.RowId).Select(d => d.RowId).Take(ImportQueries.CountLimit + 1).CountAsync(cancellation);
        return new([.. rows.Select(row => For(reader, row))], Math.Min(count, ImportQueries.CountLimit), count <= ImportQueries.CountLimit);
    }

    /// <summary>One delivery; null if there is none.</summary>
    public async Task<DeliveryRecord?> FindAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Seen(database, reader).AsNoTracking().Include(d => d.Import!.Site).FirstOrDefaultAsync(d => d.RowId == rowId, cancellation) is { } delivery ? For(reader, delivery) : null;
    }

    /// <summary>The body of an authentic delivery; null if none is kept.</summary>
    public async Task<DeliveryBody?> BodyAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var bodies = database.DeliveryBodies.AsNoTracking().Where(b => b.RowId == rowId && Seen(database, reader).Any(d => d.RowId == b.RowId));
        if (!reader.SeesClear)
        {
            return await bodies.AnyAsync(cancellation) ? new(null) : null;
        }

        return await bodies.Select(b => b.Body).FirstOrDefaultAsync(cancellation) is { } body ? new(Encoding.UTF8.GetString(body)) : null;
    }

    // What belongs to no site, and what proved nothing of where it came from, is for readers without a limit.
    private static IQueryable<DeliveryRecord> Seen(DashboardDb database, Reader reader)
    {
        if (SiteLimit.SitesOf(reader) is not { } wanted)
        {
            return database.Deliveries;
        }

        return database.Deliveries.Where(d => d.Outcome != DeliveryOutcome.Rejected && (d.InstanceId == null ? d.Import != null && wanted.Contains(d.Import.Site!.InstanceId) : wanted.Contains(d.InstanceId)));
    }

    private static DeliveryRecord For(Reader reader, DeliveryRecord delivery)
    {
        // Two sites may name the same import; it belongs to one.
        if (delivery.Import is { } import && !reader.MaySee(import.Site?.InstanceId))
        {
            (delivery.Import, delivery.ImportRowId) = (null, null);
        }

        return reader.SeesClear ? delivery : PersonalFields.Masked(delivery);
    }
}
