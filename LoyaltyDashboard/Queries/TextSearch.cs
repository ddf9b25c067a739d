using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// What <c>q</c> finds: few imports by their rows; more by a condition, and the index's way to them beside it.
/// </summary>
internal sealed class TextSearch
{
    // Looking at one and sorting it costs some 3 µs.
    private const int MostSorted = 40_000;
    private const int MostSortedAtLast = 400_000;

    // A handful of the rarest trigrams finds hardly more than the text itself does.
    private const int MostTrigrams = 6;

    private TextSearch(string condition, string? source, int? total) => (Condition, Source, Total) = (new(condition), source, total);

    /// <summary>What must hold of an import; to be asked last, for it costs most.</summary>
    public ImportCondition Condition { get; }

    /// <summary>The imports <c>i</c> that may have the text, found by the index; null, where they are too many or it cannot be used.</summary>
    public string? Source { get; }

    /// <summary>How many imports have the text, if they are few; then <see cref="Source"/> is just these.</summary>
    public int? Total { get; }

    /// <summary>Whether those of <see cref="Source"/> are soon sorted.</summary>
    public bool IsSortable { get; private init; }

    /// <summary>Searches.</summary>
    /// <param name="sql">Where to ask, and where values are kept.</param>
    /// <param name="q">The text as it was typed.</param>
    /// <param name="few">How many imports are few.</param>
    public static async Task<TextSearch> FindAsync(ListSql sql, string q, int few)
    {
        var folded = SearchedText.Of(q);
        var (match, likely) = await ChooseAsync(sql, folded);
        var asking = sql.Apart();
        var text = asking.Value(folded);
        var found = await FindAsync(asking, match, text, few + 1);
        var sites = await asking.NumbersAsync($"SELECT t.RowId FROM sites AS t WHERE instr(t.FoldedName, {text}) > 0");
        if (sites.Count > 0 && found.Count <= few)
        {
            var ofSites = await asking.NumbersAsync($"SELECT i.RowId FROM {ListIndexes.Imports(ListIndexes.Site)} WHERE i.SiteRowId IN (SELECT s.value FROM json_each({asking.RowIds(sites)}) AS s) LIMIT {few + 1}");
            found = [.. found.Union(ofSites)];
        }

        var holds = sites.Count == 0 ? Holds(sql, folded) : $"({Holds(sql, folded)} OR {IsOfSite(sql, folded)})";
        if (found.Count <= few)
        {
            return new(holds, ListIndexes.ImportsOf(sql.RowIds(found)), found.Count) { IsSortable = true };
        }

        return sites.Count == 0 && match is not null && likely <= MostSortedAtLast
            ? new(holds, $"({SearchSql.Candidates(sql.Value(match))}) AS c CROSS JOIN imports AS i ON i.RowId = c.RowId", null) { IsSortable = likely <= MostSorted }
            : new(holds, null, null);
    }

    /// <summary>The condition alone, for one import whose text is compared.</summary>
    public static ImportCondition Of(ListSql sql, string q)
    {
        var folded = SearchedText.Of(q);
        return new($"({Holds(sql, folded)} OR {IsOfSite(sql, folded)})");
    }

    private static string Holds(ListSql sql, string folded) => $"EXISTS (SELECT 1 FROM import_texts AS t WHERE t.RowId = i.RowId AND instr(t.Folded, {sql.Value(folded)}) > 0)";

    private static string IsOfSite(ListSql sql, string folded) => $"EXISTS (SELECT 1 FROM sites AS t WHERE t.RowId = i.SiteRowId AND instr(t.FoldedName, {sql.Value(folded)}) > 0)";

    private static async Task<List<long>> FindAsync(ListSql asking, string? match, string text, int most)
    {
        try
        {
            return await asking.NumbersAsync(SearchSql.Find(match is null ? null : asking.Value(match), text, most));
        }
        catch (SqliteException exception) when (match is not null && SearchSql.IsLost(exception))
        {
            return await asking.NumbersAsync(SearchSql.Find(null, text, most));
        }
    }

    // The rarest trigrams, and how many imports have the rarest; none, if the index is of no use.
    private static async Task<(string? Match, double Likely)> ChooseAsync(ListSql sql, string folded)
    {
        var trigrams = SearchSql.Trigrams(folded);
        if (trigrams.Count == 0)
        {
            return (null, double.MaxValue);
        }

        List<Probe> probes;
        try
        {
            var asking = sql.Apart();
            probes = await asking.AskAsync(
                string.Join(" UNION ALL ", trigrams.Select((trigram, number) => $"SELECT {number}, p.* FROM ({SearchSql.Probe(asking.Value(SearchSql.Match([trigram])))}) AS p")),
                row => new Probe(row.GetInt32(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.GetInt64(3)));
        }
        catch (SqliteException exception) when (SearchSql.IsLost(exception))
        {
            return (null, double.MaxValue);
        }

        List<string> rarest = [];
        var left = 1.0;
        foreach (var probe in probes.OrderBy(probe => probe.Share).Take(MostTrigrams))
        {
            // One that most imports have costs much and tells nothing.
            if (rarest.Count > 0 && (left * probe.Indexed < 1 || probe.Share > 0.5))
            {
                break;
            }

            rarest.Add(trigrams[probe.Number]);
            left *= probe.Share;
        }

        return (SearchSql.Match(rarest), probes.Min(probe => probe.Share * probe.Indexed));
    }

    private sealed record Probe(int Number, int Found, long? Last, long Indexed)
    {
        // Of the imports that are indexed: the more there are, the earlier the last of the probe is met.
        public double Share => Found == 0 ? 0 : Found / (double)(Found < SearchSql.RowsPerProbe ? Math.Max(Indexed, Found) : Last!.Value);
    }
}
