using LoyaltyDashboard.Storage;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// A list of imports with a text that many have. The list without the text is read in its order, some rows at a time, and these are compared: mostly the first few hundred hold a
/// page. Where they do not, for the text and the order have to do with each other, as a file's name and the order by name, all that may have the text are sorted.
/// </summary>
/// <param name="sql">Where to ask.</param>
/// <param name="others">The list without the text.</param>
/// <param name="text">The text.</param>
/// <param name="walked">The list with the text, walked; for what goes on from a place, such as a stream of all of it.</param>
/// <param name="sorted">The same, sorted; null: there are too many.</param>
internal sealed class ComparedList(ListSql sql, IListOrder others, ImportCondition text, IListOrder walked, IListOrder? sorted) : IListOrder
{
    private static readonly int[] _steps = [500, 2_000, 7_500];

    /// <inheritdoc/>
    public async Task<List<long>> PageAsync(int skip, int take) =>
        await CompareAsync(skip + (long)take) is { } found ? [.. found.Skip(skip).Take(take)] : await (sorted ?? walked).PageAsync(skip, take);

    /// <inheritdoc/>
    public Task<List<long>> AfterAsync(Position? position, int take) => position is null ? PageAsync(0, take) : walked.AfterAsync(position, take);

    /// <inheritdoc/>
    public Task<long?> BeforeAsync(Position position) => walked.BeforeAsync(position);

    // Null: the first rows do not hold so many.
    private async Task<List<long>?> CompareAsync(long wanted)
    {
        List<long> found = [];
        var read = 0;
        foreach (var step in _steps)
        {
            var rowIds = await others.PageAsync(read, step);
            var holding = (await HoldingAsync(rowIds)).ToHashSet();
            found.AddRange(rowIds.Where(holding.Contains));
            read += step;
            if (found.Count >= wanted || rowIds.Count < step)
            {
                return found;
            }
        }

        return null;
    }

    private Task<List<long>> HoldingAsync(List<long> rowIds)
    {
        var asking = sql.Copy();
        return asking.NumbersAsync($"SELECT i.RowId FROM {ListIndexes.ImportsOf(asking.RowIds(rowIds))} WHERE {text.Sql}");
    }
}
