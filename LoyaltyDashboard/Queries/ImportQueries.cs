using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>All reading of imports: list, detail, counts, export. One context per call.</summary>
public sealed class ImportQueries(IDbContextFactory<DashboardDb> databases, TimeProvider time)
{
    /// <summary>Counting stops here; beyond it a total reads "10,000+".</summary>
    public const int CountLimit = 10_000;

    private readonly IDbContextFactory<DashboardDb> _databases = databases;
    private readonly TimeProvider _time = time;

    /// <summary>One page of the list.</summary>
    /// <param name="filter">What to list.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">Rows a page.</param>
    /// <param name="cancellation">Stops the query.</param>
    public Task<ImportPage> PageAsync(ImportFilter filter, int page, int pageSize, CancellationToken cancellation) => throw new NotImplementedException(_databases + "" + _time);

    /// <summary>One page for scripts, by cursor.</summary>
    /// <exception cref="FormatException">The cursor is not one of ours, or belongs to another sort.</exception>
    public Task<ImportItems> ItemsAsync(ImportFilter filter, string? cursor, int pageSize, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>All rows of the filter in its order, streamed.</summary>
    public IAsyncEnumerable<ImportRow> StreamRowsAsync(ImportFilter filter, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>All items of the filter in its order, streamed.</summary>
    public IAsyncEnumerable<ImportItem> StreamItemsAsync(ImportFilter filter, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>The exact number of rows of the filter, for the export menu.</summary>
    public Task<int> CountAsync(ImportFilter filter, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>One import, whole; null if there is none of that id.</summary>
    public Task<ImportDetail?> FindAsync(string id, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>The imports before and after one in the filter's order.</summary>
    public Task<Neighbours> NeighboursAsync(ImportFilter filter, string id, CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>Sites that have imports, by name, for the filter's menu.</summary>
    public Task<IReadOnlyList<SiteView>> SitesAsync(CancellationToken cancellation) => throw new NotImplementedException(_databases + "");

    /// <summary>The KPI tiles.</summary>
    public Task<ImportTiles> TilesAsync(CancellationToken cancellation) => throw new NotImplementedException(_databases + "");
}
