using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Export;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>Every way to read the list beside the oracle, for filters by chance.</summary>
public sealed class ImportQueriesTests(ManyImports many) : IClassFixture<ManyImports>
{
    private static readonly Gen<string> _q = Gen.Elements(
        "a", "E", "%", "_", "100%", "_done", "STRASSE", "strasse", "οδος", "ΟΔΌΣ", "Ünï", "ünÏted", "КЛИ", "😀", "ａ", "job-1", "JOB", "import 1", "ïd/", "%_", "\\", "'", "\"", "*", "missing", "punkte", "zoo", "CAFÉ", "café",
        "f1a2b3c4", "-8000-", "yoga 100%", " ", "nowhere to be found", "csv");

    private static readonly Gen<string?> _time = Gen.Elements("-24h", "-2d", "-3h", "-0h", "2026-11-24", "2026-11-23T12:00:00Z", "2026-11-23T11:59:59.9999999Z", "2026-11-24T12:00:00Z").NoneOr();

    private static readonly Gen<ImportFilter> _filters = FilterGenerators.Filter(_q.NoneOr(), [.. ManyImports.Sites, "no such site"], _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ImportQueries Imports => many.App.Imports;

    [Fact]
    public async Task Pages_and_counts_are_those_of_the_oracle()
    {
        foreach (var (filter, page, size) in (from f in _filters from p in Gen.Choose(1, 5) from s in Gen.Choose(1, 60) select (f, p, s)).Sample(200))
        {
            var expected = ListOracle.Ids(many.All, filter, ManyImports.Now);

            var found = await Imports.PageAsync(Reader.System, filter, page, size, Stop);

            Same(filter, expected.Skip((page - 1) * size).Take(size), found.Rows.Select(r => r.Id));
            Assert.Equal((expected.Count, true), (found.Total, found.TotalIsExact));
            Assert.Equal(expected.Count, await Imports.CountAsync(Reader.System, filter, Stop));
        }
    }

    [Fact]
    public async Task Walk_by_cursor_gives_every_item_once_in_the_order_of_the_oracle()
    {
        foreach (var (filter, size) in (from f in _filters from s in Gen.Choose(1, 60) select (f, s)).Sample(60))
        {
            List<string> walked = [];
            string? cursor = null;
            do
            {
                var items = await Imports.ItemsAsync(Reader.System, filter, cursor, size, Stop);
                Assert.True(items.Items.Count == size || items.Next is null);
                walked.AddRange(items.Items.Select(i => i.LoyaltyImport.Id));
                cursor = items.Next;
            }
            while (cursor is not null);

            Same(filter, ListOracle.Ids(many.All, filter, ManyImports.Now), walked);
        }
    }

    [Fact]
    public async Task Streams_hold_the_whole_list()
    {
        foreach (var filter in _filters.Sample(60))
        {
            var expected = ListOracle.Ids(many.All, filter, ManyImports.Now);

            Same(filter, expected, await many.App.Streams.RowsAsync(Reader.System, filter, Stop).IdsAsync());
            Same(filter, expected, await many.App.Streams.ItemsAsync(Reader.System, filter, Stop).Select(i => i.LoyaltyImport.Id).ToListAsync(Stop));
        }
    }

    [Fact]
    public async Task Neighbours_are_the_rows_before_and_after_in_the_list()
    {
        foreach (var (filter, number) in (from f in _filters from n in Gen.Choose(0, 1_000) select (f, n)).Sample(200))
        {
            var listed = ListOracle.Ids(many.All, filter, ManyImports.Now);
            if (listed.Count == 0)
            {
                continue;
            }

            var at = number % listed.Count;
            var found = await Imports.NeighboursAsync(Reader.System, filter, listed[at], Stop);

            Assert.Equal((ImportFilterQuery.Write(filter), listed.ElementAtOrDefault(at - 1), listed.ElementAtOrDefault(at + 1)), (ImportFilterQuery.Write(filter), found.Previous, found.Next));
        }
    }

    [Fact]
    public async Task Import_outside_the_list_has_no_neighbours()
    {
        var other = many.All.First(i => ListOracle.Status(i) != (int)ImportStatus.Failed);

        Assert.Equal(new Neighbours(null, null), await Imports.NeighboursAsync(Reader.System, new ImportFilter { Statuses = [ImportStatus.Failed] }, other.Id, Stop));
        Assert.Equal(new Neighbours(null, null), await Imports.NeighboursAsync(Reader.System, ImportFilter.Default, "no such import", Stop));
    }

    [Fact]
    public async Task Unknown_finds_other_words_and_absent_ones()
    {
        var found = await Imports.PageAsync(Reader.System, new ImportFilter { Statuses = [ImportStatus.Unknown] }, 1, 500, Stop);

        Assert.Equal([null, "CANCELLED", "UNKNOWN", "imported"], found.Rows.Select(r => r.StatusText).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Tiles_are_what_the_list_of_their_filter_counts()
    {
        var tiles = await Imports.TilesAsync(Reader.System, Stop);

        Assert.Equal(await CountAsync("?from=-24h"), tiles.Arrived);
        Assert.Equal(await CountAsync("?status=PARSING&status=IMPORTING&from=-24h"), tiles.Moving);
        Assert.Equal(await CountAsync("?status=PARSED&from=-24h"), tiles.Waiting);
        Assert.Equal(await CountAsync("?status=FAILED&from=-24h"), tiles.Failed);
        Assert.Equal((await ListAsync("?status=IMPORTED&from=-24h")).Sum(r => r.SuccessCount ?? 0), tiles.RowsImported);
        Assert.Equal((await ListAsync("?result=with-failures&from=-24h")).Sum(r => r.FailureCount ?? 0), tiles.RowsFailed);
        Assert.All([tiles.Arrived, tiles.Moving, tiles.Waiting, tiles.Failed, tiles.RowsImported, tiles.RowsFailed], figure => Assert.NotEqual(0, figure));
    }

    [Fact]
    public async Task Hours_of_the_tile_add_up_and_stand_oldest_first()
    {
        var hours = (await Imports.TilesAsync(Reader.System, Stop)).ArrivedPerHour;

        var expected = new int[24];
        foreach (var import in many.All.Where(i => i.Arrived >= ManyImports.Now.AddHours(-24)))
        {
            expected[Math.Min(23, (int)((import.Arrived - ManyImports.Now.AddHours(-24)).Ticks / TimeSpan.TicksPerHour))]++;
        }

        Assert.Equal(expected, hours);
    }

    [Fact]
    public async Task Sites_of_the_menu_are_those_with_imports_by_name_and_the_nameless_last()
    {
        var sites = await Imports.SitesAsync(Reader.System, Stop);

        Assert.Equal(["blue_yoga 100%", "Rosa's Café", "Zoo", "ΟΔΟΣ Ταχύ", null], sites.Select(s => s.Name));
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("")]
    [InlineData("WzEsMl0")]
    [InlineData("bnVsbA")]
    public async Task Cursor_that_is_not_ours_is_a_format_error(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(() => Imports.ItemsAsync(Reader.System, ImportFilter.Default, cursor, 10, Stop));

    [Fact]
    public async Task Cursor_of_another_sort_is_a_format_error()
    {
        var bySize = await Imports.ItemsAsync(Reader.System, new ImportFilter { Sort = ImportSort.Size }, null, 10, Stop);

        foreach (var other in (ImportFilter[])[ImportFilter.Default, new() { Sort = ImportSort.Rows }, new() { Sort = ImportSort.Size, Ascending = true }])
        {
            await Assert.ThrowsAsync<FormatException>(() => Imports.ItemsAsync(Reader.System, other, bySize.Next, 10, Stop));
        }
    }

    [Fact]
    public async Task Cursor_with_any_letter_changed_is_read_or_refused()
    {
        foreach (var sort in Enum.GetValues<ImportSort>())
        {
            var filter = new ImportFilter { Sort = sort };
            var cursor = (await Imports.ItemsAsync(Reader.System, filter, null, 20, Stop)).Next!;
            var random = new Random(5);
            for (var i = 0; i < 100; i++)
            {
                var letters = cursor.ToCharArray();
                letters[random.Next(letters.Length)] = "ABCwxyz019-_ /"[random.Next(14)];
                var outcome = await Record.ExceptionAsync(() => Imports.ItemsAsync(Reader.System, filter, new string(letters), 5, Stop));
                Assert.True(outcome is null or FormatException, $"{outcome}");
            }
        }
    }

    [Fact]
    public async Task Page_far_beyond_the_end_is_empty() => Assert.Empty((await Imports.PageAsync(Reader.System, ImportFilter.Default, 1_000_000, 500, Stop)).Rows);

    private async Task<int> CountAsync(string query) => await Imports.CountAsync(Reader.System, ImportFilterQuery.Parse(query).Filter, Stop);

    private async Task<IReadOnlyList<ImportRow>> ListAsync(string query) => (await Imports.PageAsync(Reader.System, ImportFilterQuery.Parse(query).Filter, 1, 500, Stop)).Rows;

    private static void Same(ImportFilter filter, IEnumerable<string> expected, IEnumerable<string> found) =>
        Assert.True(expected.SequenceEqual(found), $"{ImportFilterQuery.Write(filter)}\nexpected {string.Join(" | ", expected)}\nfound    {string.Join(" | ", found)}");
}
