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
    // Imports that are compared with a text that many have, to count them.
    private const int MostCompared = 25_000;

    private readonly SortedList? _sorted;
    private readonly int? _total;
    private readonly int _few;

    // Where it is not worth the time to count them all, or to wait for that.
    private readonly Func<Task<(int Total, bool IsExact)>>? _count;

    private ListPlan(IListOrder order, int few, Func<Task<(int Total, bool IsExact)>> count)
        : this(order, null, few) => _count = count;

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
        return filter.Q is { Length: > 0 } q ? await MakeAsync(sql, filter, conditions, await TextSearch.FindAsync(sql, q, few), few) : await MakeAsync(sql, filter, conditions, few);
    }

    /// <summary>The whole list, for who reads or counts all of it, however long it takes.</summary>
    public static async Task<SortedList> WholeAsync(ListSql sql, ImportFilter filter, DateTimeOffset now)
    {
        var conditions = ImportFiltering.Conditions(filter, now, sql);
        if (filter.Q is not { Length: > 0 } q)
        {
            return new(sql, filter, "imports AS i", conditions);
        }

        var text = await TextSearch.FindAsync(sql, q, ImportQueries.CountLimit);
        return new(sql, filter, text.Source ?? "imports AS i", text.Total is null ? [.. conditions, text.Condition] : conditions);
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
        if (_count is not null)
        {
            return await _count();
        }

        var total = _total ?? _sorted!.Total ?? await _sorted.CountAsync();
        return (Math.Min(total, _few), total <= _few);
    }

    /// <summary>The list, walked in its order.</summary>
    public static IListOrder Walk(ListSql sql, ImportFilter filter, IReadOnlyList<ImportCondition> conditions, int few) =>
        ImportSorting.Of(filter.Sort).IsOfSettled ? new SettlingList(sql, filter, conditions, few) : new WalkedList(sql, filter, conditions, few);

    private static async Task<ListPlan> MakeAsync(ListSql sql, ImportFilter filter, List<ImportCondition> conditions, int few)
    {
        var walked = Walk(sql, filter, conditions, few);
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

    private static async Task<ListPlan?> ByIndexAsync(ListSql sql, ImportFilter filter, List<ImportCondition> conditions, List<ImportCondition> indexed, IListOrder walked, int few)
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

    // Few that have the text are sorted, whatever else is asked of them. That many have it tells little of where they are: another condition may.
    private static async Task<ListPlan> MakeAsync(ListSql sql, ImportFilter filter, List<ImportCondition> conditions, TextSearch text, int few)
    {
        if (text.Total is { } total)
        {
            return new(new SortedList(sql, filter, text.Source!, conditions), conditions.Count == 0 ? total : null, few);
        }

        List<ImportCondition> all = [.. conditions, text.Condition];
        var sorted = text.Source is { } source ? new SortedList(sql, filter, source, all) : null;
        if (sorted is not null && text.IsSortable && conditions.Count > 0)
        {
            return new(sorted, null, few);
        }

        var others = await MakeAsync(sql, filter, conditions, few);
        if (others._sorted is { } narrow)
        {
            return new(narrow.With(text.Condition), null, few);
        }

        var order = new ComparedList(sql, others.Order, text.Condition, Walk(sql, filter, all, few), sorted);
        return conditions.Count == 0 ? new(order, few + 1, few) : new(order, few, () => CountComparedAsync(sql, ImportFiltering.All(conditions), text.Condition, few));
    }

    // The newest that other conditions leave are compared with the text: at least as many have it.
    private static async Task<(int Total, bool IsExact)> CountComparedAsync(ListSql sql, string where, ImportCondition text, int few)
    {
        var compared = $"(SELECT i.RowId, i.SiteRowId FROM {ListIndexes.Imports(ListIndexes.Arrived)} WHERE {where} ORDER BY i.Arrived DESC, i.RowId DESC LIMIT {MostCompared})";
        var (rows, held) = (await sql.AskAsync($"SELECT COUNT(*), COALESCE(SUM({text.Sql}), 0) FROM {compared} AS i", row => (row.GetInt32(0), row.GetInt32(1))))[0];
        return (Math.Min(held, few), rows < MostCompared && held <= few);
    }

    private static string Count(string index, string where, int few) => $"SELECT COUNT(*) FROM (SELECT 1 FROM {ListIndexes.Imports(index)} WHERE {where} LIMIT {few + 1})";
}
