using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// A stretch of a list that an index gives in order, so that nothing is sorted: rows of one value (or of none) by arrival, or rows by a value that all of them have. The
/// index serves the direction from large to small as it stands. In the other one equal values still stand newest first, so there the groups of equal values are walked one by one.
/// </summary>
/// <param name="sql">Where to ask.</param>
/// <param name="source">The imports <c>i</c>, in the order of the index, or few enough to be sorted.</param>
/// <param name="where">Which rows.</param>
/// <param name="sorting">By whose value; null: by arrival alone.</param>
/// <param name="isAscending">The value's direction.</param>
internal sealed class ListRun(ListSql sql, string source, string where, ImportSorting? sorting = null, bool isAscending = false)
{
    // Equal arrivals stand by row alone.
    private readonly bool _isTieByArrival = sorting?.Index != ListIndexes.Arrived;

    private string From => $"FROM {source} WHERE {where}";

    private string Key => sorting!.Column;

    private string Tie => _isTieByArrival ? "i.Arrived, i.RowId" : "i.RowId";

    private string Columns => sorting is null ? Tie : $"{Key}, {Tie}";

    /// <summary>The one value of the rows; null where they have several, or none.</summary>
    public object? Value { get; init; }

    /// <summary>Whether these are the rows without a value to sort by.</summary>
    public bool IsOfAbsent { get; init; }

    /// <summary>How many rows there are, if that was counted.</summary>
    public int? Count { get; init; }

    /// <summary>Rows from a place on.</summary>
    public Task<List<long>> TakeAsync(int skip, int take) => sorting is not null && isAscending
        ? TakeUpwardsAsync(skip, take)
        : RowIdsAsync($"ORDER BY {Order(Columns, "DESC")} LIMIT {sql.Value(take)} OFFSET {sql.Value(skip)}");

    /// <summary>How many rows there are.</summary>
    public Task<int> CountAsync() => sql.CountAsync($"SELECT COUNT(*) {From}");

    /// <summary>Rows after one.</summary>
    public async Task<List<long>> AfterAsync(Position position, int take)
    {
        if (sorting is null || !isAscending)
        {
            return await RowIdsAsync($"AND ({Columns}) < ({Values(position)}) ORDER BY {Order(Columns, "DESC")} LIMIT {sql.Value(take)}");
        }

        var value = sql.Value(position.Value!);
        var found = await RowIdsAsync($"AND {Key} = {value} AND ({Tie}) < ({TieValues(position)}) ORDER BY {Order(Tie, "DESC")} LIMIT {sql.Value(take)}");
        return found.Count < take ? [.. found, .. await GroupsAboveAsync(value, take - found.Count)] : found;
    }

    /// <summary>The row before one.</summary>
    public async Task<long?> BeforeAsync(Position position)
    {
        if (sorting is null || !isAscending)
        {
            return First(await RowIdsAsync($"AND ({Columns}) > ({Values(position)}) ORDER BY {Order(Columns, "ASC")} LIMIT 1"));
        }

        var value = sql.Value(position.Value!);
        return First(await RowIdsAsync($"AND {Key} = {value} AND ({Tie}) > ({TieValues(position)}) ORDER BY {Order(Tie, "ASC")} LIMIT 1")) ?? await LastOfGroupAsync($"AND {Key} < {value}");
    }

    /// <summary>The last row.</summary>
    public async Task<long?> LastAsync() => sorting is not null && isAscending ? await LastOfGroupAsync("") : First(await RowIdsAsync($"ORDER BY {Order(Columns, "ASC")} LIMIT 1"));

    private static long? First(List<long> rowIds) => rowIds.Count > 0 ? rowIds[0] : null;

    private static string Order(string columns, string direction) => $"{columns.Replace(",", $" {direction},", StringComparison.Ordinal)} {direction}";

    // The index gives the value at the place; what stands before the place within its group is counted, for the group itself stands the other way round.
    private async Task<List<long>> TakeUpwardsAsync(int skip, int take)
    {
        var places = await PlacesAsync($"ORDER BY {Order(Columns, "ASC")} LIMIT 1 OFFSET {sql.Value(skip)}");
        if (places is not [var place])
        {
            return [];
        }

        var value = sql.Value(place.Value!);
        var before = skip == 0 ? 0 : await sql.CountAsync($"SELECT COUNT(*) {From} AND {Key} = {value} AND ({Tie}) < ({TieValues(place)})");
        var found = await RowIdsAsync($"AND {Key} = {value} ORDER BY {Order(Tie, "DESC")} LIMIT {sql.Value(take)} OFFSET {sql.Value(before)}");
        return found.Count < take ? [.. found, .. await GroupsAboveAsync(value, take - found.Count)] : found;
    }

    private async Task<List<long>> GroupsAboveAsync(string value, int take)
    {
        var places = await PlacesAsync($"AND {Key} > {value} ORDER BY {Order(Columns, "ASC")} LIMIT {sql.Value(take)}");
        List<long> found = [];
        foreach (var group in places.GroupBy(place => place.Value))
        {
            var isCutOff = found.Count + group.Count() == take;
            found.AddRange(isCutOff
                ? await RowIdsAsync($"AND {Key} = {sql.Value(group.Key!)} ORDER BY {Order(Tie, "DESC")} LIMIT {sql.Value(take - found.Count)}")
                : group.Reverse().Select(place => place.RowId));
        }

        return found;
    }

    private async Task<long?> LastOfGroupAsync(string condition)
    {
        var places = await PlacesAsync($"{condition} ORDER BY {Order(Columns, "DESC")} LIMIT 1");
        return places is [var place] ? First(await RowIdsAsync($"AND {Key} = {sql.Value(place.Value!)} ORDER BY {Order(Tie, "ASC")} LIMIT 1")) : null;
    }

    private Task<List<long>> RowIdsAsync(string rest) => sql.NumbersAsync($"SELECT i.RowId {From} {rest}");

    private Task<List<Position>> PlacesAsync(string rest) =>
        sql.AskAsync($"SELECT {Key}, i.Arrived, i.RowId {From} {rest}", row => new Position(sorting!.IsText ? null : row.GetInt64(0), sorting.IsText ? row.GetString(0) : null, row.GetInt64(1), row.GetInt64(2)));

    private string Values(Position position) => sorting is null ? TieValues(position) : $"{sql.Value(position.Value!)}, {TieValues(position)}";

    private string TieValues(Position position) => _isTieByArrival ? $"{sql.Value(position.Arrived)}, {sql.Value(position.RowId)}" : sql.Value(position.RowId);
}
