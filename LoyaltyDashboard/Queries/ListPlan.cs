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
    private readonly ListSql _sql;
    private readonly IReadOnlyList<ImportCondition> _conditions;
    private readonly SortedList? _short;
    private readonly int? _total;

    private ListPlan(ListSql sql, ImportFilter filter, IReadOnlyList<ImportCondition> conditions, string? index, int? total)
    {
        (_sql, _conditions, _total) = (sql, conditions, total);
        _short = index is null ? null : new SortedList(sql, filter, conditions, index);
        Order = _short ?? (IListOrder)new WalkedList(sql, filter, conditions);
    }

    /// <summary>The rows.</summary>
    public IListOrder Order { get; }

    /// <summary>Looks at the filter's conditions.</summary>
    public static async Task<ListPlan> MakeAsync(ListSql sql, ImportFilter filter, DateTimeOffset now)
    {
        var conditions = ImportFiltering.Conditions(filter, now, sql);
        var indexed = conditions.Where(condition => condition.Index is not null).ToList();
        if (indexed.Count == 0)
        {
            return new(sql, filter, conditions, null, null);
        }

        var counts = await sql.AskAsync<IndexedCount>(string.Join(" UNION ALL ", indexed.Select((condition, number) => $"SELECT {number} AS Number, ({Count(condition.Index!, condition.Sql)}) AS Imports")));
        var fewest = counts.MinBy(count => count.Imports)!;
        // Whether few or not, what a single condition holds for is counted herewith.
        int? total = conditions.Count == 1 ? fewest.Imports : null;
        if (fewest.Imports <= ImportQueries.CountLimit)
        {
            return new(sql, filter, conditions, indexed[fewest.Number].Index, total);
        }

        // Each is wide alone. Together they may still be narrow, which one look through the index by arrival tells.
        total ??= await sql.CountAsync(Count(ListIndexes.Arrived, ImportFiltering.All(conditions)));
        return new(sql, filter, conditions, total <= ImportQueries.CountLimit ? ListIndexes.Arrived : null, total);
    }

    /// <summary>How many rows there are in all, up to the limit. Ask after the page, which may have counted them.</summary>
    public async Task<(int Total, bool IsExact)> TotalAsync()
    {
        var total = _total ?? _short?.Total ?? (_short is not null ? await _short.CountAsync() : await _sql.CountAsync(Count(ListIndexes.Arrived, ImportFiltering.All(_conditions))));
        return (Math.Min(total, ImportQueries.CountLimit), total <= ImportQueries.CountLimit);
    }

    private static string Count(string index, string where) => $"SELECT COUNT(*) AS Value FROM (SELECT 1 FROM imports AS i{ListIndexes.By(index)} WHERE {where} LIMIT {ImportQueries.CountLimit + 1})";

    private sealed record IndexedCount(int Number, int Imports);
}
