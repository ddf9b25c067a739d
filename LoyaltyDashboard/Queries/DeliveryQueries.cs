using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>Reading of what came to the doors.</summary>
public sealed class DeliveryQueries(IDbContextFactory<DashboardDb> databases)
{
    private readonly IDbContextFactory<DashboardDb> _databases = databases;

    /// <summary>One page, newest first.</summary>
    /// <param name="outcomes">Any of these; empty for all.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">Rows a page.</param>
    /// <param name="cancellation">Stops the query.</param>
    public Task<DeliveryPage> PageAsync(IReadOnlyList<DeliveryOutcome> outcomes, int page, int pageSize, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>One delivery; null if there is none.</summary>
    public Task<DeliveryRecord?> FindAsync(long rowId, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>The body of an authentic delivery: the token's claims as JSON text; null if none is kept.</summary>
    public Task<string?> BodyAsync(long rowId, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");
}
