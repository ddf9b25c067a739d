using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// Asks in SQL that is put together from pieces of a closed list. Values stand beside it and never become SQL: <see cref="Value"/> keeps one and gives its placeholder.
/// </summary>
internal sealed class ListSql(DashboardDb database, CancellationToken cancellation)
{
    private readonly List<object> _values = [];

    /// <summary>Keeps a value for all questions from here on.</summary>
    /// <returns>What stands for it in SQL.</returns>
    public string Value(object value)
    {
        _values.Add(value);
        return $"{{{_values.Count - 1}}}";
    }

    /// <summary>Keeps row ids.</summary>
    /// <returns>What stands for them, as an array in JSON.</returns>
    public string RowIds(IEnumerable<long> rowIds) => Value($"[{string.Join(',', rowIds)}]");

    /// <summary>All rows of an answer, its columns by name.</summary>
    public Task<List<T>> AskAsync<T>(string sql) => Query<T>(sql).ToListAsync(cancellation);

    /// <summary>A single number.</summary>
    public async Task<int> CountAsync(string sql) => (await AskAsync<int>(sql))[0];

    /// <summary>The question, not yet asked.</summary>
    public IQueryable<T> Query<T>(string sql) => database.Database.SqlQueryRaw<T>(sql, [.. _values]);
}
