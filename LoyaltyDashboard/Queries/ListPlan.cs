using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>The ids of a list's rows, in its order.</summary>
internal interface IListOrder
{
    /// <summary>Those of a page.</summary>
    Task<List<long>> PageAsync(int skip, int take);

    /// <summary>Those after a place, or from the beginning.</summary>
    Task<List<long>> AfterAsync(Position? position, int take);

    /// <summary>The one before a place; null at the beginning.</summary>
    Task<long?> BeforeAsync(Position position);
}

/// <summary>
/// How a list is read. Each condition of the filter that has an index is counted by it, up to a limit, which costs half a millisecond. If one holds for few imports, these are
/// looked at and sorted; otherwise the list is long or the filter is wide, and it is walked in its order, where the next row that fits is never far. SQLite's own planner would
/// need statistics for that, which grow old and know of no values that stand in clusters.
/// </summary>
internal sealed class ListPlan
{
    private readonly SortedList? _sorted;
    private readonly int? _total;
    private readonly int _few;

    private ListPlan(IListOrder order, int? total, int few) => (Order, _sorted, _total, _few) = (order, order as SortedList, total, few);

    /// <summary>The rows.</summary>
    public IListOrder Order { get; }

    /// <summary>Looks at the filter's conditions.</summary>
    /// <param name="sql">Where to ask.</param>
    /// <param name="filter">What to list.</param>
    /// <param name="now">What relative times count from.</param>
    /// <param name="few">How many imports are few enough to be sorted while somebody waits; no more are counted.</param>
    public static async Task<ListPlan> MakeAsync(ListSql sql, ImportFilter filter, DateTimeOffset now, int few = ImportQueries.CountLimit)
    {
        var conditions = ImportFiltering.Conditions(filter, now, sql);
        var walked = new WalkedList(sql, filter, conditions, few);
        if (conditions.Count == 0)
        {
            return new(walked, await sql.CountAsync(Count(ListIndexes.Arrived, ImportFiltering.All(conditions), few)), few);
        }

        if (conditions.Where(condition => condition.Index is not null).ToList() is { Count: > 0 } indexed && await ByIndexAsync(sql, filter, conditions, indexed, walked, few) is { } plan)
        {
            return plan;
        }

        // Each is wide alone, or has no index. Together they may still be narrow, which one look through the index by arrival tells.
        return await FewAsync(sql, ImportFiltering.All(conditions), few) is { } found ? new(new SortedList(sql, filter, found.Source, []), found.Count, few) : new(walked, few + 1, few);
    }

    /// <summary>The imports that a condition holds for, by one look through the index by arrival; null if they are more than can be sorted while somebody waits.</summary>
    public static async Task<(string Source, int Count)?> FewAsync(ListSql sql, string where, int few)
    {
        var rowIds = await sql.NumbersAsync($"SELECT i.RowId FROM {ListIndexes.Imports(ListIndexes.Arrived)} WHERE {where} LIMIT {few + 1}");
        return rowIds.Count <= few ? (ListIndexes.ImportsOf(sql.RowIds(rowIds)), rowIds.Count) : null;
    }

    /// <summary>How many rows there are in all, up to the limit. Ask after the page, which may have counted them.</summary>
    public async Task<(int Total, bool IsExact)> TotalAsync()
    {
        var total = _total ?? _sorted!.Total ?? await _sorted.CountAsync();
        return (Math.Min(total, _few), total <= _few);
    }

    private static async Task<ListPlan?> ByIndexAsync(ListSql sql, ImportFilter filter, List<ImportCondition> conditions, List<ImportCondition> indexed, WalkedList walked, int few)
    {
        var counts = await sql.AskAsync(string.Join(" UNION ALL ", indexed.Select((condition, number) => $"SELECT {number}, ({Count(condition.Index!, condition.Sql, few)})")), row => (Number: row.GetInt32(0), Imports: row.GetInt32(1)));
        var fewest = counts.MinBy(count => count.Imports);
        // Whether few or not, what a single condition holds for is counted herewith.
        int? total = conditions.Count == 1 ? fewest.Imports : null;
        if (fewest.Imports <= few)
        {
            return new(new SortedList(sql, filter, ListIndexes.Imports(indexed[fewest.Number].Index!), conditions), total, few);
        }

        return total is null ? null : new(walked, total, few);
    }

    private static string Count(string index, string where, int few) => $"SELECT COUNT(*) FROM (SELECT 1 FROM {ListIndexes.Imports(index)} WHERE {where} LIMIT {few + 1})";
}
