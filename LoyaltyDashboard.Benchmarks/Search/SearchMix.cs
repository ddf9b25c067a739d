using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Benchmarks.Search;

/// <summary>
/// What is searched for: always the same texts, each alone, with a status, with a site, and in other orders. Some are in every import, some in one, some in none, in every
/// place that is searched.
/// </summary>
internal static class SearchMix
{
    private static readonly ImportFilter[] _filters =
    [
        ImportFilter.Default,
        new() { Sort = ImportSort.File, Ascending = true },
        new() { Sort = ImportSort.Size },
        new() { Statuses = [ImportStatus.Failed] },
        new() { Statuses = [ImportStatus.Imported], Sort = ImportSort.Failed },
        new() { Sites = [InventedEvents.Site(3).InstanceId] },
        new() { Sites = [InventedEvents.Site(250).InstanceId], Sort = ImportSort.Updated, Ascending = true },
        new() { From = ImportFilterQuery.ReadTime("-24h") },
    ];

    /// <summary>Texts of three letters or more.</summary>
    /// <param name="imports">How many there are.</param>
    public static IReadOnlyList<SearchedText> Texts(int imports)
    {
        // Any import will do, as long as it is the same in every run.
        var someone = InventedEvents.Announce(imports * 7 / 9, SeededDatabase.Newest);
        var id = InventedEvents.ImportId(imports * 7 / 9);
        return
        [
            new("every import", "csv"), new("every import", ".CSV"), new("every import", "-0000-4000-8000-"),
            new("a tenth", "spring-members"), new("a tenth", "ポイント"), new("a tenth", "GRÖSSE"), new("a fifth", "members-"),
            new("a heading of a quarter", "Nachname"), new("an error reason", "MISSING_REQUIRED"), new("a word of two reasons", "column"),
            new("a file", "spring-members-1234.csv"), new("some files", "customers-99"),
            new("an id", id), new("an id's piece", id[..8]), new("an id's short piece", id[9..13]), new("three letters of ids", id[..3]), new("a job's id", id[14..]),
            new("an event's id", someone.EventId), new("a site's id", InventedEvents.Site(250).InstanceId), new("a site's id with many imports", InventedEvents.Site(0).InstanceId),
            new("a site's name", "Lucía's Shop 250"), new("many sites' name", "jörg"), new("all sites' name", "Shop"),
            new("none", "nowhere to be found"), new("none", "日本語"), new("none, common letters", "csv-points"),
        ];
    }

    /// <summary>The filters that each text is asked with.</summary>
    public static IReadOnlyList<ImportFilter> Filters => _filters;
}

/// <summary>A text that is searched for.</summary>
/// <param name="In">What has it.</param>
/// <param name="Text">The text.</param>
internal sealed record SearchedText(string In, string Text);
