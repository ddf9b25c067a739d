using System.Globalization;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>One condition of a filter.</summary>
/// <param name="Sql">What must hold of the import <c>i</c>.</param>
/// <param name="Index">The index that finds just the imports it holds for; null: none does.</param>
/// <param name="IsByArrival">Whether that index gives them by arrival.</param>
internal sealed record ImportCondition(string Sql, string? Index = null, bool IsByArrival = false);

/// <summary>An <see cref="ImportFilter"/> as conditions of a query.</summary>
internal static class ImportFiltering
{
    /// <summary>What must hold of an import for the filter to list it, but for its text, which is <see cref="TextSearch"/>'s; empty if the filter lists all.</summary>
    public static List<ImportCondition> Conditions(ImportFilter filter, DateTimeOffset now, ListSql sql)
    {
        List<ImportCondition> conditions = [];
        if (filter.Statuses.Count > 0)
        {
            conditions.Add(new(OneOf("i.Status", filter.Statuses.Select(s => (int)s)), ListIndexes.Status, filter.Statuses.Count == 1));
        }

        if (filter.Results.Count > 0)
        {
            var index = filter.Results is [ResultFilter.ErrorFile] ? ListIndexes.ErrorFile : filter.Results is [ResultFilter.WithFailures] ? ListIndexes.Failures : null;
            conditions.Add(new($"({string.Join(" OR ", filter.Results.Select(OfResult))})", index, index is not null));
        }

        if (Sites(filter, sql) is { } sites)
        {
            var isOne = filter.Sites.Count == 1;
            conditions.Add(new($"i.SiteRowId {(isOne ? "=" : "IN")} {sites}", ListIndexes.Site, isOne));
        }

        List<string> bounds = [];
        if (filter.From?.Resolve(now) is { } from)
        {
            bounds.Add($"i.Arrived >= {sql.Value(UtcTicks.From(from))}");
        }

        if (filter.To?.Resolve(now) is { } to)
        {
            bounds.Add($"i.Arrived < {sql.Value(UtcTicks.From(to))}");
        }

        if (bounds.Count > 0)
        {
            conditions.Add(new(string.Join(" AND ", bounds), ListIndexes.Arrived, true));
        }

        if (filter.Verdicts.Count > 0)
        {
            var isFinding = filter.Verdicts.All(verdict => verdict >= MappingVerdict.Suspicious);
            // Saying what the index says makes SQLite see that it may use it.
            conditions.Add(new(OneOf("i.Verdict", filter.Verdicts.Select(v => (int)v)) + (isFinding ? " AND i.Verdict >= 2" : ""), isFinding ? ListIndexes.Findings : null, isFinding && filter.Verdicts.Count == 1));
        }

        return conditions;
    }

    /// <summary>The rows of the filter's sites, in brackets; null if it names none.</summary>
    public static string? Sites(ImportFilter filter, ListSql sql) =>
        filter.Sites.Count == 0 ? null : Sites(filter.Sites, sql);

    /// <summary>The rows of these sites, in brackets.</summary>
    public static string Sites(IEnumerable<string> instanceIds, ListSql sql) => $"(SELECT t.RowId FROM sites AS t WHERE t.InstanceId IN ({string.Join(", ", instanceIds.Select(id => sql.Value(IdKey.Pack(id))))}))";

    /// <summary>The conditions as one, for behind <c>WHERE</c>.</summary>
    public static string All(IEnumerable<ImportCondition> conditions) => string.Join(" AND ", conditions.Select(condition => condition.Sql).DefaultIfEmpty("1"));

    private static string OfResult(ResultFilter result) => result switch
    {
        ResultFilter.Clean => $"(i.Status = {(int)ImportStatus.Imported} AND (i.FailureCount IS NULL OR i.FailureCount <= 0))",
        ResultFilter.WithFailures => "i.FailureCount > 0",
        _ => "i.ErrorFileExists = 1",
    };

    // Numbers of enumerations, so they may stand in the text.
    private static string OneOf(string column, IEnumerable<int> values)
    {
        var words = values.Order().Select(value => value.ToString(CultureInfo.InvariantCulture)).ToList();
        return words.Count == 1 ? $"{column} = {words[0]}" : $"{column} IN ({string.Join(", ", words)})";
    }
}
