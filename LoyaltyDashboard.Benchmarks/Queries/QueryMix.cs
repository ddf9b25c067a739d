namespace LoyaltyDashboard.Benchmarks.Queries;

/// <summary>One question of the mix.</summary>
/// <param name="Group">The heading that it stands under.</param>
/// <param name="Query">The query string.</param>
internal sealed record MixedQuery(string Group, string Query);

/// <summary>The questions of <c>query-mix.txt</c>, which is the published list: one a line, under headings.</summary>
internal static class QueryMix
{
    /// <summary>All of them, in the order of the file.</summary>
    public static async Task<IReadOnlyList<MixedQuery>> ReadAsync()
    {
        List<MixedQuery> mix = [];
        var group = "";
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "LoyaltyDashboard.Benchmarks", "Queries", "query-mix.txt")))
        {
            group = line.StartsWith("## ", StringComparison.Ordinal) ? line[3..] : group;
            if (line.StartsWith('?'))
            {
                mix.Add(new(group, line));
            }
        }

        return mix;
    }
}
