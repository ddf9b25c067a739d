using System.Linq.Expressions;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>All reading of imports but whole lists, which are <see cref="ImportStreams"/>': list, detail, counts. One context per call.</summary>
public sealed class ImportQueries(IDbContextFactory<DashboardDb> databases, TimeProvider time)
{
    /// <summary>Counting stops here; beyond it a total reads "10,000+".</summary>
    public const int CountLimit = 10_000;

    private static readonly Expression<Func<ImportRecord, ImportRow>> _toRow = i => new ImportRow(
        i.RowId, i.Id, i.Site == null ? null : new SiteView(i.Site.InstanceId, i.Site.Name, i.Site.Url), i.Status, i.StatusWord, i.Revision, i.Created, i.Updated, i.Arrived, i.LastSeen,
        i.FileName, i.FileSize, i.EmailColumn, i.PointsColumn, i.ParsedRowCount, i.ParseErrorReason, i.SuccessCount, i.FailureCount, i.ErrorFileExists, i.Verdict, i.FirstFinding, i.IsTestEvent,
            new FollowView(i.NextAsk, i.Gone, i.Stuck, i.StuckReason, i.Site == null ? SiteLink.NotAsked : i.Site.Link, i.Site == null ? null : i.Site.LinkSince, i.Site == null ? null : i.Site.LinkReason,
            i.Site == null ? null : i.Site.NotBefore));

    private static readonly Expression<Func<ImportRecord, RowAndDocument>> _toRowAndDocument = i => new RowAndDocument(
        new ImportRow(
            i.RowId, i.Id, i.Site == null ? null : new SiteView(i.Site.InstanceId, i.Site.Name, i.Site.Url), i.Status, i.StatusWord, i.Revision, i.Created, i.Updated, i.Arrived, i.LastSeen,
            i.FileName, i.FileSize, i.EmailColumn, i.PointsColumn, i.ParsedRowCount, i.ParseErrorReason, i.SuccessCount, i.FailureCount, i.ErrorFileExists, i.Verdict, i.FirstFinding, i.IsTestEvent,
            new FollowView(i.NextAsk, i.Gone, i.Stuck, i.StuckReason, i.Site == null ? SiteLink.NotAsked : i.Site.Link, i.Site == null ? null : i.Site.LinkSince, i.Site == null ? null : i.Site.LinkReason,
            i.Site == null ? null : i.Site.NotBefore)),
        i.Document!.Json);

    private readonly SharedAnswers<ImportTiles> _tiles = new(cancellation => VersionAsync(databases, cancellation), (sites, cancellation) => AskTilesAsync(databases, time, sites, cancellation), time);
    private readonly SharedAnswers<IReadOnlyList<SiteView>> _sites = new(cancellation => VersionAsync(databases, cancellation), (sites, cancellation) => AskSitesAsync(databases, sites, cancellation), time);

    /// <summary>One page of the list.</summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="filter">What to list.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">Rows a page.</param>
    /// <param name="cancellation">Stops the query.</param>
    public async Task<ImportPage> PageAsync(Reader reader, ImportFilter filter, int page, int pageSize, CancellationToken cancellation)
    {
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            return new([], 0, true);
        }

        await using var database = await databases.CreateDbContextAsync(cancellation);
        var plan = await ListPlan.MakeAsync(new ListSql(database, cancellation), limited, time.GetUtcNow());
        var rowIds = await plan.Order.PageAsync((int)Math.Min(int.MaxValue, (page - 1L) * pageSize), pageSize);
        var (total, isExact) = await plan.TotalAsync();
        var rows = await ReadAsync(database, rowIds, _toRow, row => row.RowId, cancellation);
        return new([.. rows.Select(row => row.For(reader))], total, isExact);
    }

    /// <summary>Certain rows as they are now, in no order.</summary>
    public async Task<IReadOnlyList<ImportRow>> RowsAsync(Reader reader, IReadOnlyCollection<long> rowIds, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var wanted = rowIds.ToArray();
        var rows = await database.Imports.AsNoTracking().Where(i => wanted.Contains(i.RowId)).Select(_toRow).ToListAsync(cancellation);
        return [.. rows.Where(row => reader.MaySee(row.Site?.InstanceId)).Select(row => row.For(reader))];
    }

    /// <summary>One page for scripts, by cursor.</summary>
    /// <exception cref="FormatException">The cursor is not one of ours, or belongs to another sort.</exception>
    public async Task<ImportItems> ItemsAsync(Reader reader, ImportFilter filter, string? cursor, int pageSize, CancellationToken cancellation)
    {
        var position = cursor is null ? null : ImportSorting.Position.FromCursor(cursor, filter, reader);
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            return new([], 0, true, null);
        }

        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (position is { IsValueInRow: true, RowId: var last })
        {
            position = await database.Imports.AsNoTracking().Where(i => i.RowId == last).Select(_toRow).FirstOrDefaultAsync(cancellation) is { } row && reader.MaySee(row.Site?.InstanceId)
                ? ImportSorting.Of(filter.Sort).PositionOf(row)
                : throw new FormatException("The import that the cursor stood at is gone.");
        }

        var plan = await ListPlan.MakeAsync(new ListSql(database, cancellation), limited, time.GetUtcNow());
        var rowIds = await plan.Order.AfterAsync(position, pageSize + 1);
        var (total, isExact) = await plan.TotalAsync();
        var found = await ReadAsync(database, rowIds.Take(pageSize), _toRowAndDocument, item => item.Row.RowId, cancellation);
        var next = rowIds.Count > pageSize && found.Count > 0 ? ImportSorting.Of(filter.Sort).PositionOf(found[^1].Row).ToCursor(filter, reader) : null;
        return new([.. found.Select(item => ToItem(reader, item.Json, item.Row.Site, item.Row.Arrived))], total, isExact, next);
    }

    /// <summary>The exact number of rows of the filter, for the export menu.</summary>
    public async Task<int> CountAsync(Reader reader, ImportFilter filter, CancellationToken cancellation)
    {
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            return 0;
        }

        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await (await ListPlan.WholeAsync(new ListSql(database, cancellation), limited, time.GetUtcNow())).CountAsync();
    }

    /// <summary>One import, whole; null if there is none of that id that the reader may see.</summary>
    public async Task<ImportDetail?> FindAsync(Reader reader, string id, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        if (await ImportKeys.FindAsync(database, id, cancellation) is not { } rowId
            || await database.Imports.AsNoTracking().Where(i => i.RowId == rowId).Select(_toRow).FirstOrDefaultAsync(cancellation) is not { } row
            || !reader.MaySee(row.Site?.InstanceId))
        {
            return null;
        }

        var document = await database.Documents.AsNoTracking().FirstAsync(d => d.RowId == row.RowId, cancellation);
        var observations = await HistoryAsync(database, reader, row.RowId, cancellation);
        var delivery = document.EventDeliveryRowId is { } deliveryRowId ? await database.Deliveries.AsNoTracking().FirstOrDefaultAsync(d => d.RowId == deliveryRowId, cancellation) : null;
        var announced = document.EventJson is { } json ? ImportJson.ReadEvent(json) : null;
        // A forward of another site may have announced it, before Wix showed whose it is. What it said stays longer than its delivery.
        if ((delivery?.InstanceId ?? announced?.InstanceId) is { } announcer && !reader.MaySee(announcer))
        {
            announced = null;
        }

        var import = ImportJson.ReadImport(document.Json);
        // Without the samples it was judged by, a file would look better than it was found to be.
        var mapping = MappingHealth.Judge(import);
        mapping = document.RemovedFor == RemovalReason.None ? mapping : mapping with { Verdict = row.Verdict };
        return new ImportDetail(
            row, import, announced, mapping, observations, document.UnreadableFields?.Split('\n') ?? [], reader.MaySee(delivery?.InstanceId) ? delivery : null, CellFaults.Of(import), Removed: document.Removed, RemovedFor: document.RemovedFor).For(reader);
    }

    /// <summary>The imports before and after one in the filter's order.</summary>
    public async Task<Neighbours> NeighboursAsync(Reader reader, ImportFilter filter, string id, CancellationToken cancellation)
    {
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            return new(null, null);
        }

        await using var database = await databases.CreateDbContextAsync(cancellation);
        var (sql, now) = (new ListSql(database, cancellation), time.GetUtcNow());
        var conditions = ImportFiltering.Conditions(limited, now, sql);
        var isListed = ImportFiltering.All(filter.Q is { Length: > 0 } q ? [.. conditions, TextSearch.Of(sql, q)] : conditions);
        if (await ImportKeys.FindAsync(database, id, cancellation) is not { } rowId)
        {
            return new(null, null);
        }

        var listed = await sql.NumbersAsync($"SELECT i.RowId FROM imports AS i WHERE i.RowId = {sql.Value(rowId)} AND {isListed}");
        var rows = await ReadAsync(database, listed, _toRow, row => row.RowId, cancellation);
        if (rows is not [var row])
        {
            return new(null, null);
        }

        var order = (await ListPlan.MakeAsync(sql, limited, now)).Order;
        var position = ImportSorting.Of(filter.Sort).PositionOf(row);
        var previous = await order.BeforeAsync(position);
        long? next = await order.AfterAsync(position, 1) is [var after] ? after : null;
        var ids = await database.Imports.Where(i => i.RowId == previous || i.RowId == next).Select(i => new { i.RowId, i.Id }).ToDictionaryAsync(i => i.RowId, i => i.Id, cancellation);
        return new(Id(previous), Id(next));

        string? Id(long? rowId) => rowId is { } known ? ids.GetValueOrDefault(known) : null;
    }

    /// <summary>Sites that have imports, by name, for the filter's menu. All who ask within a moment share one answer, which knows all that came before they asked.</summary>
    public async Task<IReadOnlyList<SiteView>> SitesAsync(Reader reader, CancellationToken cancellation)
    {
        var sites = await _sites.GetAsync(reader, cancellation);
        return reader.SeesClear ? sites : [.. sites.Select(site => site.For(reader))];
    }

    /// <summary>The KPI tiles, shared likewise.</summary>
    public Task<ImportTiles> TilesAsync(Reader reader, CancellationToken cancellation) => _tiles.GetAsync(reader, cancellation);

    // Newest first, and without what deliveries of sites brought that the reader may not see. Once such a delivery is gone, nobody knows whose forward it was.
    private static async Task<IReadOnlyList<ObservationRecord>> HistoryAsync(DashboardDb database, Reader reader, long rowId, CancellationToken cancellation)
    {
        var all = await database.Observations.AsNoTracking().Where(o => o.ImportRowId == rowId).OrderByDescending(o => o.RowId).ToListAsync(cancellation);
        if (reader.Sites is null)
        {
            return all;
        }

        var bringers = all.Select(o => o.DeliveryRowId).OfType<long>().ToArray();
        var sites = await database.Deliveries.Where(d => bringers.Contains(d.RowId)).Select(d => new { d.RowId, d.InstanceId }).ToDictionaryAsync(d => d.RowId, d => d.InstanceId, cancellation);
        return [.. all.Where(o => o.DeliveryRowId is not { } bringer || (sites.TryGetValue(bringer, out var site) ? site is null || reader.MaySee(site) : o.Source != ObservationSource.Sdk))];
    }

    // Every change of an import that a list or a tile shows comes with an observation.
    private static async Task<long> VersionAsync(IDbContextFactory<DashboardDb> databases, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Observations.MaxAsync(o => (long?)o.RowId, cancellation) ?? 0;
    }

    private static async Task<IReadOnlyList<SiteView>> AskSitesAsync(IDbContextFactory<DashboardDb> databases, IReadOnlyList<string>? limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var (isLimited, wanted) = (limit is not null, limit?.ToArray() ?? []);
        return await database.Sites.AsNoTracking().Where(s => (!isLimited || wanted.Contains(s.InstanceId)) && database.Imports.Any(i => i.SiteRowId == s.RowId))
            .OrderBy(s => s.Name == null).ThenBy(s => s.FoldedName).Select(s => new SiteView(s.InstanceId, s.Name, s.Url)).ToListAsync(cancellation);
    }

    private static async Task<ImportTiles> AskTilesAsync(IDbContextFactory<DashboardDb> databases, TimeProvider time, IReadOnlyList<string>? limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await TilesQuestion.AskAsync(new ListSql(database, cancellation), time.GetUtcNow(), limit);
    }

    /// <summary>An item of a stored document.</summary>
    internal static ImportItem ToItem(Reader reader, ReadOnlySpan<byte> json, SiteView? site, DateTimeOffset arrived)
    {
        var import = ImportJson.ReadImport(json);
        var shown = reader.SeesClear ? import : PersonalFields.Masked(import);
        var mapping = MappingHealth.Judge(import, shown);
        var withoutSamples = shown.FileMetadata is { } file ? shown with { FileMetadata = file with { SampleDataRows = null } } : shown;
        return new(withoutSamples, site?.For(reader), arrived, mapping);
    }

    // Those of them that are there, in their order.
    private static async Task<List<T>> ReadAsync<T>(DashboardDb database, IEnumerable<long> rowIds, Expression<Func<ImportRecord, T>> select, Func<T, long> rowIdOf, CancellationToken cancellation)
    {
        var wanted = rowIds.ToArray();
        if (wanted.Length == 0)
        {
            return [];
        }

        var rows = await database.Imports.AsNoTracking().Where(i => wanted.Contains(i.RowId)).Select(select).ToDictionaryAsync(rowIdOf, cancellation);
        return [.. wanted.Where(rows.ContainsKey).Select(rowId => rows[rowId])];
    }

    private sealed record RowAndDocument(ImportRow Row, byte[] Json);
}
