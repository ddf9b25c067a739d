using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>Filters by chance.</summary>
internal static class FilterGenerators
{
    public static Gen<string?> NoneOr(this Gen<string> text) => Gen.Frequency((2, Gen.Constant<string?>(null)), (1, text.Select(t => (string?)t)));

    /// <summary>Up to three different values in any order; often none.</summary>
    public static Gen<ValueList<T>> Some<T>(IReadOnlyCollection<T> values) =>
        Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(1, 3))).SelectMany(count => Gen.Shuffle(values.AsEnumerable()).Select(shuffled => new ValueList<T>([.. shuffled.Take(count)])));

    public static Gen<ImportFilter> Filter(Gen<string?> q, IReadOnlyCollection<string> sites, Gen<string?> time) =>
        from text in q
        from statuses in Some(Enum.GetValues<ImportStatus>())
        from results in Some(Enum.GetValues<ResultFilter>())
        from instances in Some(sites)
        from earliest in time
        from latest in time
        from verdicts in Some(Enum.GetValues<MappingVerdict>())
        from sort in Gen.Elements(Enum.GetValues<ImportSort>())
        from isAscending in Gen.Elements(true, false)
        select new ImportFilter
        {
            Q = text,
            Statuses = statuses,
            Results = results,
            Sites = instances,
            From = earliest is null ? null : ImportFilterQuery.ReadTime(earliest),
            To = latest is null ? null : ImportFilterQuery.ReadTime(latest),
            Verdicts = verdicts,
            Sort = sort,
            Ascending = isAscending,
        };
}
