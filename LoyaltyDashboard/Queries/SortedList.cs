using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>A short list: its imports are looked at one by one, and sorted.</summary>
/// <param name="sql">Where to ask.</param>
/// <param name="filter">Whose order.</param>
/// <param name="source">The imports <c>i</c>: few, most of which are listed.</param>
/// <param name="conditions">What must hold of them.</param>
internal sealed class SortedList(ListSql sql, ImportFilter filter, string source, IReadOnlyList<ImportCondition> conditions) : IListOrder
{
    private readonly ImportSorting _sorting = ImportSorting.Of(filter.Sort);

    private string From => $"FROM {source} {(filter.Sort == ImportSort.Site ? "LEFT JOIN sites AS s ON s.RowId = i.SiteRowId" : "")} WHERE {ImportFiltering.All(conditions)}";

    private string Order => _sorting.Order(filter.Ascending);

    /// <summary>How many there are, once a page was read that has any.</summary>
    public int? Total { get; private set; }

    /// <summary>The same with one more condition, asked last.</summary>
    public SortedList With(ImportCondition condition) => new(sql, filter, source, [.. conditions, condition]);

    /// <inheritdoc/>
    public async Task<List<long>> PageAsync(int skip, int take)
    {
        if (conditions.Count < 2)
        {
            return await RowIdsAsync($"ORDER BY {Order} LIMIT {sql.Value(take)} OFFSET {sql.Value(skip)}");
        }

        // All must be looked at, be it to sort them or to count them: once does for both.
        var rows = await sql.AskAsync($"SELECT i.RowId, COUNT(*) OVER () AS Total {From} ORDER BY {Order} LIMIT {sql.Value(take)} OFFSET {sql.Value(skip)}", row => (RowId: row.GetInt64(0), Total: row.GetInt32(1)));
        Total = rows is [var (_, total), ..] ? total : null;
        return [.. rows.Select(r => r.RowId)];
    }

    /// <inheritdoc/>
    public Task<List<long>> AfterAsync(Position? position, int take) => RowIdsAsync($"{(position is null ? "" : $"AND {IsAfter(position)}")} ORDER BY {Order} LIMIT {sql.Value(take)}");

    /// <inheritdoc/>
    public async Task<long?> BeforeAsync(Position position) =>
        await RowIdsAsync($"AND NOT {IsAfter(position)} AND i.RowId <> {sql.Value(position.RowId)} ORDER BY {_sorting.Order(filter.Ascending, isReversed: true)} LIMIT 1") is [var found] ? found : null;

    /// <summary>The whole list in its order, not yet asked for.</summary>
    public IQueryable<long> All() => sql.Numbers($"SELECT i.RowId AS Value {From} ORDER BY {Order}");

    /// <summary>How many there are.</summary>
    public Task<int> CountAsync() => sql.CountAsync($"SELECT COUNT(*) {From}");

    private Task<List<long>> RowIdsAsync(string rest) => sql.NumbersAsync($"SELECT i.RowId {From} {rest}");

    private string IsAfter(Position position)
    {
        var tie = $"(i.Arrived, i.RowId) < ({sql.Value(position.Arrived)}, {sql.Value(position.RowId)})";
        if (position.Value is null)
        {
            return $"({_sorting.Column} IS NULL AND {tie})";
        }

        var value = sql.Value(position.Value);
        return $"({_sorting.Column} IS NULL OR {_sorting.Column} {(filter.Ascending ? ">" : "<")} {value} OR ({_sorting.Column} = {value} AND {tie}))";
    }
}
