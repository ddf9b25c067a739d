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
        var deliveries = database.Deliveries.AsNoTracking().Where(d => wanted.Length == 0 || wanted.Contains(d.Outcome));
        var skip = (int)Math.Min(int.MaxValue, (page - 1L) * pageSize);
        var rows = await deliveries.OrderByDescending(d => d.RowId).Skip(skip).Take(pageSize).Include(d => d.Import!.Site).ToListAsync(cancellation);
        var count = await deliveries.OrderBy(d => d.RowId).Select(d => d.RowId).Take(ImportQueries.CountLimit + 1).CountAsync(cancellation);
        return new(rows, Math.Min(count, ImportQueries.CountLimit), count <= ImportQueries.CountLimit);
    }

    /// <summary>One delivery; null if there is none.</summary>
    public async Task<DeliveryRecord?> FindAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Deliveries.AsNoTracking().Include(d => d.Import!.Site).FirstOrDefaultAsync(d => d.RowId == rowId, cancellation);
    }

    /// <summary>The body of an authentic delivery: the token's claims as JSON text; null if none is kept.</summary>
    public async Task<string?> BodyAsync(Reader reader, long rowId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var body = await database.DeliveryBodies.AsNoTracking().Where(b => b.RowId == rowId).Select(b => b.Body).FirstOrDefaultAsync(cancellation);
        return body is null ? null : Encoding.UTF8.GetString(body);
    }
}
