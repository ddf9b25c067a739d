using System.Data.Common;
using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// A long list whose index follows the commit. Most rows are settled and are walked along it; the newest are not, are some thousands at most, and are sorted here and merged in.
/// How far the index has come is asked once: rows that are settled meanwhile are still read as those that are not.
/// </summary>
/// <param name="sql">Where to ask.</param>
/// <param name="filter">Whose order.</param>
/// <param name="conditions">What must hold of the imports.</param>
/// <param name="few">How many are few enough to be sorted while somebody waits.</param>
internal sealed class SettlingList(ListSql sql, ImportFilter filter, IReadOnlyList<ImportCondition> conditions, int few) : IListOrder
{
    private readonly ImportSorting _sorting = ImportSorting.Of(filter.Sort);
    private readonly Comparison<Position> _order = ImportSorting.Of(filter.Sort).Comparison(filter.Ascending);
    private (WalkedList Settled, List<Position> Tail)? _parts;

    private string PlaceColumns => $"{_sorting.Column}, i.Arrived, i.RowId";

    /// <inheritdoc/>
    public async Task<List<long>> PageAsync(int skip, int take)
    {
        var (settled, tail) = await PartsAsync();
        if (tail.Count == 0)
        {
            return await settled.PageAsync(skip, take);
        }

        // Of the rows before the page, some are of the tail, maybe all of it: so far back may the settled ones of the page begin.
        var from = Math.Max(0, skip - tail.Count);
        var window = await PlacesAsync(await settled.PageAsync(from, skip - from + take));
        if (from > 0 && window.Count == 0)
        {
            return [];
        }

        var before = from == 0 ? 0 : tail.Count(place => _order(place, window[0]) < 0);
        return [.. Merge(window, tail.Skip(before)).Skip(skip - from - before).Take(take)];
    }

    /// <inheritdoc/>
    public async Task<List<long>> AfterAsync(Position? position, int take)
    {
        var (settled, tail) = await PartsAsync();
        var found = await settled.AfterAsync(position, take);
        return tail.Count == 0 ? found : [.. Merge(await PlacesAsync(found), tail.Where(place => position is null || _order(place, position) > 0)).Take(take)];
    }

    /// <inheritdoc/>
    public async Task<long?> BeforeAsync(Position position)
    {
        var (settled, tail) = await PartsAsync();
        var found = await settled.BeforeAsync(position);
        if (tail.LastOrDefault(place => _order(place, position) < 0) is not { } last)
        {
            return found;
        }

        return found is { } rowId && await PlacesAsync([rowId]) is [var place] && _order(place, last) > 0 ? rowId : last.RowId;
    }

    private async Task<(WalkedList Settled, List<Position> Tail)> PartsAsync()
    {
        if (_parts is { } known)
        {
            return known;
        }

        var rows = await sql.AskAsync(
            $"SELECT l.SettledTo, {PlaceColumns} FROM list_state AS l LEFT JOIN imports AS i NOT INDEXED ON i.RowId > l.SettledTo AND {ImportFiltering.All(conditions)}",
            row => (SettledTo: row.GetInt64(0), Place: row.IsDBNull(3) ? null : ReadPlace(row, 1)));
        List<Position> tail = [.. rows.Select(row => row.Place).OfType<Position>()];
        tail.Sort(_order);
        var parts = (new WalkedList(sql, filter, conditions, few, rows[0].SettledTo), tail);
        _parts = parts;
        return parts;
    }

    // Both are in order. What stands in the index is taken as it comes, also where a value has changed since.
    private IEnumerable<long> Merge(List<Position> settled, IEnumerable<Position> tail)
    {
        var next = 0;
        foreach (var place in tail)
        {
            for (; next < settled.Count && _order(settled[next], place) < 0; next++)
            {
                yield return settled[next].RowId;
            }

            yield return place.RowId;
        }

        for (; next < settled.Count; next++)
        {
            yield return settled[next].RowId;
        }
    }

    // Those of rows, in their order.
    private async Task<List<Position>> PlacesAsync(List<long> rowIds)
    {
        if (rowIds.Count == 0)
        {
            return [];
        }

        var asking = sql.Copy();
        var places = (await asking.AskAsync($"SELECT {PlaceColumns} FROM {ListIndexes.ImportsOf(asking.RowIds(rowIds))}", row => ReadPlace(row, 0))).ToDictionary(place => place.RowId);
        return [.. rowIds.Where(places.ContainsKey).Select(rowId => places[rowId])];
    }

    private Position ReadPlace(DbDataReader row, int at) => new(
        _sorting.IsText || row.IsDBNull(at) ? null : row.GetInt64(at), _sorting.IsText && !row.IsDBNull(at) ? row.GetString(at) : null, row.GetInt64(at + 1), row.GetInt64(at + 2));
}
