using System.Linq.Expressions;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>An <see cref="ImportFilter"/> as conditions of a query.</summary>
internal static class ImportFiltering
{
    /// <summary>Only the imports the filter lists.</summary>
    public static IQueryable<ImportRecord> Where(this IQueryable<ImportRecord> imports, ImportFilter filter, DateTimeOffset now)
    {
        if (filter.Q is { Length: > 0 } q)
        {
            var folded = TextFold.Fold(q);
            imports = imports.Where(i => i.Text!.Folded.Contains(folded) || i.Site!.FoldedName!.Contains(folded));
        }

        if (filter.Statuses.Count > 0)
        {
            var statuses = filter.Statuses.ToArray();
            imports = imports.Where(i => statuses.Contains(i.Status));
        }

        if (filter.Results.Count > 0)
        {
            imports = imports.Where(filter.Results.Select(OfResult).Aggregate(Or));
        }

        if (filter.Sites.Count > 0)
        {
            var sites = filter.Sites.ToArray();
            imports = imports.Where(i => sites.Contains(i.Site!.InstanceId));
        }

        if (filter.From?.Resolve(now) is { } from)
        {
            imports = imports.Where(i => i.Arrived >= from);
        }

        if (filter.To?.Resolve(now) is { } to)
        {
            imports = imports.Where(i => i.Arrived < to);
        }

        if (filter.Verdicts.Count > 0)
        {
            var verdicts = filter.Verdicts.ToArray();
            imports = imports.Where(i => verdicts.Contains(i.Verdict));
        }

        return imports;
    }

    private static Expression<Func<ImportRecord, bool>> OfResult(ResultFilter result) => result switch
    {
        ResultFilter.Clean => i => i.Status == ImportStatus.Imported && !(i.FailureCount > 0),
        ResultFilter.WithFailures => i => i.FailureCount > 0,
        _ => i => i.ErrorFileExists == true,
    };

    private static Expression<Func<ImportRecord, bool>> Or(Expression<Func<ImportRecord, bool>> one, Expression<Func<ImportRecord, bool>> other) =>
        Expression.Lambda<Func<ImportRecord, bool>>(Expression.OrElse(one.Body, new Rename(other.Parameters[0], one.Parameters[0]).Visit(other.Body)), one.Parameters);

    private sealed class Rename(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
