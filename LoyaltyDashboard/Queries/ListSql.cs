using System.Data.Common;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// Asks in SQL that is put together from pieces of a closed list. Values stand beside it and never become SQL: <see cref="Value"/> keeps one and gives its placeholder.
/// EF Core runs the command, with its interceptors, but reads no LINQ: every filter makes other SQL, and compiling a query takes longer than most answers.
/// </summary>
internal sealed class ListSql(DashboardDb database, CancellationToken cancellation, IEnumerable<object>? values = null)
{
    private readonly List<object> _values = [.. values ?? []];

    /// <summary>Another one, without any value, for questions whose values are of no use later.</summary>
    public ListSql Apart() => new(database, cancellation);

    /// <summary>Another one with the same values, for one question with more of them.</summary>
    public ListSql Copy() => new(database, cancellation, _values);

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

    /// <summary>All rows of an answer.</summary>
    /// <param name="sql">The question.</param>
    /// <param name="read">Reads one row.</param>
    public async Task<List<T>> AskAsync<T>(string sql, Func<DbDataReader, T> read)
    {
        var command = database.GetService<IRawSqlCommandBuilder>().Build(sql, _values, database.Model);
        var how = new RelationalCommandParameterObject(database.GetService<IRelationalConnection>(), command.ParameterValues, null, database, database.GetService<IRelationalCommandDiagnosticsLogger>());
        await using var answer = await command.RelationalCommand.ExecuteReaderAsync(how, cancellation);
        List<T> rows = [];
        while (await answer.ReadAsync(cancellation))
        {
            rows.Add(read(answer.DbDataReader));
        }

        return rows;
    }

    /// <summary>Row ids, or other numbers.</summary>
    public Task<List<long>> NumbersAsync(string sql) => AskAsync(sql, row => row.GetInt64(0));

    /// <summary>A single number.</summary>
    public async Task<int> CountAsync(string sql) => (int)(await NumbersAsync(sql))[0];

    /// <summary>A question for row ids, not yet asked; it names its column <c>Value</c>.</summary>
    public IQueryable<long> Numbers(string sql) => database.Database.SqlQueryRaw<long>(sql, [.. _values]);
}
