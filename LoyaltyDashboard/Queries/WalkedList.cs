using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// A long list, read run by run along the indexes. A deep page costs the entries of the index before it, some 30 ns each; a filter that the index does not hold costs a look
/// at each import on the way.
/// </summary>
/// <param name="sql">Where to ask.</param>
/// <param name="filter">Whose order.</param>
/// <param name="conditions">What must hold of the imports.</param>
/// <param name="few">How many are few enough to be sorted while somebody waits.</param>
/// <param name="lastRowId">The last row to list, where the sort's index holds settled imports only; <see cref="SettlingList"/> reads what comes after it.</param>
internal sealed class WalkedList(ListSql sql, ImportFilter filter, IReadOnlyList<ImportCondition> conditions, int few, long? lastRowId = null) : IListOrder
{
    private readonly ImportSorting _sorting = ImportSorting.Of(filter.Sort);
    private readonly string _where = lastRowId is { } last ? $"{ImportFiltering.All(conditions)} AND i.RowId <= {sql.Value(last)}" : ImportFiltering.All(conditions);

    // What makes SQLite see that it may use the sort's own index.
    private string OwnWhere => _sorting.IsOfSettled ? $"{_where} AND {ListIndexes.IsSettled}" : _where;

    private bool IsOfTimeOnly => conditions.All(condition => condition.Index == ListIndexes.Arrived);

    /// <inheritdoc/>
    public async Task<List<long>> PageAsync(int skip, int take)
    {
        List<long> found = [];
        await foreach (var run in RunsAsync(null, isBackwards: false, isCounted: skip > 0))
        {
            if (run.Count <= skip)
            {
                skip -= run.Count.Value;
                continue;
            }

            var rows = await run.TakeAsync(skip, take - found.Count);
            found.AddRange(rows);
            if (found.Count == take)
            {
                break;
            }

            // Shorter than what was skipped, unless it just ended on the page.
            skip = rows.Count > 0 || skip == 0 ? 0 : Math.Max(0, skip - await run.CountAsync());
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<List<long>> AfterAsync(Position? position, int take)
    {
        List<long> found = [];
        await foreach (var run in RunsAsync(position, isBackwards: false, isCounted: false))
        {
            found.AddRange(position is not null && Holds(run, position) ? await run.AfterAsync(position, take - found.Count) : await run.TakeAsync(0, take - found.Count));
            if (found.Count == take)
            {
                break;
            }
        }

        return found;
    }

    /// <inheritdoc/>
    public async Task<long?> BeforeAsync(Position position)
    {
        await foreach (var run in RunsAsync(position, isBackwards: true, isCounted: false))
        {
            if ((Holds(run, position) ? await run.BeforeAsync(position) : await run.LastAsync()) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private bool Holds(ListRun run, Position position) => filter.Sort switch
    {
        ImportSort.Arrived => true,
        ImportSort.Status or ImportSort.Site => Equals(run.Value, position.Value),
        _ => run.IsOfAbsent == position.Value is null,
    };

    // From the run that holds the position, if one is given.
    private IAsyncEnumerable<ListRun> RunsAsync(Position? from, bool isBackwards, bool isCounted) => filter.Sort switch
    {
        ImportSort.Arrived when !filter.Ascending => new[] { new ListRun(sql, ListIndexes.Imports(ArrivalIndex()), _where) }.ToAsyncEnumerable(),
        ImportSort.Status => StatusRunsAsync((int?)from?.Number, isBackwards, isCounted),
        ImportSort.Site => SiteRunsAsync(from, isBackwards, isCounted),
        _ => ValueRunsAsync(from, isBackwards),
    };

    private async IAsyncEnumerable<ListRun> ValueRunsAsync(Position? from, bool isBackwards)
    {
        // An index of present values only has no absent ones; the one by arrival tells them without a look at the import.
        var (absentIndex, absentWhere) = _sorting.IsOfPresentOnly ? (ListIndexes.Arrived, _where) : (_sorting.Index, OwnWhere);
        var absent = new ListRun(sql, ListIndexes.Imports(absentIndex), $"{absentWhere} AND {_sorting.Column} IS NULL") { IsOfAbsent = true };
        var (isPresentWanted, isAbsentWanted) = isBackwards ? (true, from is { Value: null }) : (from is not { Value: null }, !_sorting.IsAlwaysPresent);
        if (isAbsentWanted && isBackwards)
        {
            yield return absent;
        }

        if (isPresentWanted)
        {
            yield return new ListRun(sql, await PresentAsync(), $"{OwnWhere} AND {_sorting.Column} IS NOT NULL", _sorting, filter.Ascending);
        }

        if (isAbsentWanted && !isBackwards)
        {
            yield return absent;
        }
    }

    // A filter may list hardly any import that has the value, as "failed" and its counts: the whole index would be walked for those.
    private async Task<string> PresentAsync() =>
        _sorting.IsOfPresentOnly && conditions.Count > 0 && await ListPlan.FewAsync(sql, $"{_where} AND {_sorting.Column} IS NOT NULL", few) is { } found ? found.Source : ListIndexes.Imports(_sorting.Index);

    private async IAsyncEnumerable<ListRun> StatusRunsAsync(int? from, bool isBackwards, bool isCounted)
    {
        var counts = isCounted ? await CountsAsync("i.Status", ListIndexes.Status) : null;
        var isUpwards = filter.Ascending != isBackwards;
        var statuses = Enum.GetValues<ImportStatus>().Select(status => (int)status).Where(status => from is null || (isUpwards ? status >= from : status <= from));
        foreach (var status in isUpwards ? statuses.Order() : statuses.OrderDescending())
        {
            // Most imports are imported, so these are met soon by arrival too, and that index holds what else is asked.
            var index = status == (int)ImportStatus.Imported && !IsOfTimeOnly ? ListIndexes.Arrived : ListIndexes.Status;
            yield return new ListRun(sql, ListIndexes.Imports(index), $"{_where} AND i.Status = {status}") { Value = (long)status, Count = counts is null ? null : counts.GetValueOrDefault(status) };
        }
    }

    // Sites of the same name are one group; the nameless ones and imports without a site come last.
    private async IAsyncEnumerable<ListRun> SiteRunsAsync(Position? from, bool isBackwards, bool isCounted)
    {
        var nameless = new ListRun(sql, ListIndexes.Imports(ListIndexes.Arrived), $"{_where} AND (i.SiteRowId IS NULL OR i.SiteRowId IN (SELECT t.RowId FROM sites AS t WHERE t.FoldedName IS NULL))");
        if (from is { Text: null })
        {
            yield return nameless;
            if (!isBackwards)
            {
                yield break;
            }
        }

        var isUpwards = filter.Ascending != isBackwards;
        var only = ImportFiltering.Sites(filter, sql) is { } sites ? $"AND t.RowId IN {sites}" : "";
        var beginning = from?.Text is { } text ? $"AND t.FoldedName {(isUpwards ? ">=" : "<=")} {sql.Value(text)}" : "";
        var named = await sql.AskAsync($"SELECT t.RowId, t.FoldedName FROM sites AS t WHERE t.FoldedName IS NOT NULL {only} {beginning} ORDER BY t.FoldedName {(isUpwards ? "ASC" : "DESC")}", row => (RowId: row.GetInt64(0), Name: row.GetString(1)));
        var counts = isCounted ? await CountsAsync("i.SiteRowId", ListIndexes.Site) : null;
        foreach (var group in named.GroupBy(site => site.Name, StringComparer.Ordinal))
        {
            var ids = group.Select(site => site.RowId).ToList();
            // Sites of one name are few, so that what SQLite sorts for them is short.
            var where = ids.Count == 1 ? $"i.SiteRowId = {sql.Value(ids[0])}" : $"i.SiteRowId IN (SELECT t.RowId FROM sites AS t WHERE t.FoldedName = {sql.Value(group.Key)})";
            yield return new ListRun(sql, ListIndexes.Imports(ListIndexes.Site), $"{_where} AND {where}") { Value = group.Key, Count = counts is null ? null : ids.Sum(id => counts.GetValueOrDefault(id)) };
        }

        if (!isBackwards)
        {
            yield return nameless;
        }
    }

    private async Task<Dictionary<long, int>> CountsAsync(string column, string index)
    {
        // The value's own index has its groups one after another; another condition would send it to every import, and the index by arrival has it all.
        var isCovered = conditions.Count == 0 || (conditions.Count == 1 && conditions[0].Index == index);
        var counts = await sql.AskAsync($"SELECT {column}, COUNT(*) FROM {ListIndexes.Imports(isCovered ? index : ListIndexes.Arrived)} WHERE {_where} AND {column} IS NOT NULL GROUP BY {column}", row => (Value: row.GetInt64(0), Imports: row.GetInt32(1)));
        return counts.ToDictionary(count => count.Value, count => count.Imports);
    }

    // A single condition that has its own index by arrival is followed along that; for several, one of all that was ever arrived is the better half of the time, and never bad.
    private string ArrivalIndex() => conditions is [{ IsByArrival: true, Index: { } index }] ? index
        : conditions.FirstOrDefault(condition => condition is { Index: ListIndexes.Site, IsByArrival: true })?.Index ?? ListIndexes.Arrived;
}
