using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Export;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>The search index is only a faster way to what comparing each text finds, however far it lags.</summary>
public sealed class TextSearchTests
{
    private static readonly Gen<string> _letter = Gen.Frequency((12, Gen.Elements("a", "b", "c", "ab", "ca")), (3, Gen.Elements("Ä", "ß", "😀", "é", "İ", "ｂ", "日", "\n")), (2, Gen.Elements("\"", "*", "'", "%", " ", "-", "\0", "\uD800")));

    private static readonly Gen<string> _text = Gen.Choose(0, 24).SelectMany(length => Gen.ArrayOf(_letter, length)).Select(string.Concat);

    private static readonly Gen<string> _q = Gen.Choose(1, 5).SelectMany(length => Gen.ArrayOf(_letter, length)).Select(string.Concat);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Index_finds_what_comparing_finds_at_any_lag()
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        var hits = 0;
        foreach (var (what, number, text, q) in (from w in Gen.Choose(0, 9) from n in Gen.Choose(0, 1_000_000) from t in _text from s in _q select (w, n, t, s)).Sample(600))
        {
            var rowIds = imports.Texts.Keys.Order().ToList();
            switch (what)
            {
                case < 5:
                case < 8 when rowIds.Count < 3: imports.Add(text); break;
                case 5 or 6: imports.Change(rowIds[number % rowIds.Count], text); break;
                case 7: imports.Remove(rowIds[number % rowIds.Count]); break;
                default: imports.Step(); break;
            }

            // Half of them are taken from a text, so that they are found.
            var asked = number % 2 == 0 && imports.Texts.Count > 0 ? PieceOf(imports.Texts.Values.ElementAt(number % imports.Texts.Count), number) ?? q : q;
            var expected = imports.Holding(asked).ToList();
            hits += expected.Count;

            Assert.Equal(expected, await imports.FindAsync(asked, Stop));
        }

        Assert.InRange(hits, 1_000, int.MaxValue);
    }

    [Fact]
    public async Task Index_that_has_followed_holds_just_the_texts()
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        foreach (var text in _text.Sample(300))
        {
            imports.Add(text);
        }

        imports.CatchUp();
        foreach (var (rowId, text) in imports.Texts.Keys.Where(rowId => rowId % 3 == 0).Zip(_text.Sample(100)).ToList())
        {
            imports.Change(rowId, text);
            imports.Change(rowId, text + "!");
        }

        imports.Remove(7);
        imports.Remove(300);
        imports.CatchUp();

        imports.CheckIndex();
        Assert.Equal(0L, imports.Database.Scalar("SELECT count(*) FROM search_changes"));
        Assert.Equal(300L, imports.IndexedTo);
    }

    [Fact]
    public async Task Letters_behind_a_nul_are_found_and_none_across_it()
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        imports.Add("members\0.csv");
        imports.CatchUp();

        Assert.Equal([1], await imports.FindAsync("csv", Stop));
        Assert.Equal([1], await imports.FindAsync("bers\0.cs", Stop));
        Assert.Empty(await imports.FindAsync("members.csv", Stop));
        imports.CheckIndex();
    }

    [Theory]
    [InlineData("csv", ImportSort.Arrived, false)]
    [InlineData("csv", ImportSort.Rows, true)]
    [InlineData("last by name", ImportSort.File, true)]
    [InlineData("last by name", ImportSort.File, false)]
    [InlineData("zoo", ImportSort.Site, true)]
    [InlineData("zo", ImportSort.Site, false)]
    [InlineData("e", ImportSort.Size, true)]
    public async Task Text_that_more_imports_have_than_are_counted(string q, ImportSort sort, bool isAscending)
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        imports.Database.Execute(
            """
            INSERT INTO sites (RowId, InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers, Name, FoldedName) VALUES (1, x'01', 0, 0, 0, 0, 'Zoo', 'zoo'), (2, x'02', 0, 0, 0, 0, 'Other', 'other');
            WITH RECURSIVE n(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM n WHERE N < 24000)
            INSERT INTO imports (RowId, Id, SiteRowId, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash, FileName, FileSize, ParsedRowCount)
            SELECT N, CAST('import ' || N AS BLOB), 1 + (N % 2), 1 + (N % 3 = 0), N / 2, 0, N % 4, 0, 1, x'00', iif(N % 2, 'zz ', 'aa ') || (N % 50), N % 7, nullif(N % 5, 0) FROM n;
            INSERT INTO import_texts (RowId, Folded) SELECT RowId, FileName || iif(RowId % 2, ' last by name', '') || char(10) || 'import ' || RowId || '.csv' FROM imports;
            """);
        // Without the index, by the words of the contract: all of the list without a text, and of those the ones that have it.
        List<(ImportFilter Filter, List<ImportRow> Expected)> asked = [];
        foreach (var filter in (ImportFilter[])[new(), new() { Statuses = [ImportStatus.Initiated] }, new() { Sites = ["\u0001"], Verdicts = [MappingVerdict.Healthy, MappingVerdict.Unknown] }])
        {
            var all = await imports.Queries.PageAsync(Reader.System, filter with { Sort = sort, Ascending = isAscending }, 1, 24_000, Stop);
            asked.Add((filter with { Q = q, Sort = sort, Ascending = isAscending }, [.. all.Rows.Where(row => Holds(row, q))]));
        }

        foreach (var steps in (int[])[60, 400])
        {
            for (var i = 0; i < steps; i++)
            {
                imports.Step();
            }

            foreach (var (filter, expected) in asked)
            {
                foreach (var (page, size) in ((int, int)[])[(1, 50), (250, 40)])
                {
                    var found = await imports.Queries.PageAsync(Reader.System, filter, page, size, Stop);
                    Assert.Equal(expected.Skip((page - 1) * size).Take(size).Select(row => row.RowId), found.Rows.Select(row => row.RowId));
                    Assert.True(found.TotalIsExact ? found.Total == expected.Count : found.Total <= expected.Count);
                }

                Assert.Equal(expected.Select(row => row.Id), await imports.Streams.RowsAsync(Reader.System, filter, Stop).IdsAsync());
                Assert.Equal(expected.Count, await imports.Queries.CountAsync(Reader.System, filter, Stop));
            }
        }

        Assert.Equal(24_000L, imports.IndexedTo);
    }

    [Fact]
    public async Task Site_that_is_renamed_is_found_by_its_new_name_alone()
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        imports.Add("members.csv");
        imports.Add("zoo.csv");
        imports.Database.Execute("INSERT INTO sites (RowId, InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers, Name, FoldedName) VALUES (1, x'01', 0, 0, 0, 0, 'Zoo', 'zoo'); UPDATE imports SET SiteRowId = 1");
        imports.CatchUp();
        Assert.Equal([1, 2], await imports.FindAsync("ZOO", Stop));

        imports.Database.Execute("UPDATE sites SET Name = 'Café', FoldedName = 'café'");

        Assert.Equal([2], await imports.FindAsync("zoo", Stop));
        Assert.Equal([1, 2], await imports.FindAsync("CAFÉ", Stop));
    }

    [Theory]
    [InlineData("DROP TABLE import_search")]
    [InlineData("DELETE FROM import_search_data")]
    public async Task Index_that_is_lost_is_made_anew_and_missed_by_nobody(string fault)
    {
        using var imports = await SearchedImports.CreateAsync(Stop);
        for (var i = 0; i < 300; i++)
        {
            imports.Add($"members {i}.csv");
        }

        imports.CatchUp();
        imports.Database.Execute(fault);
        Assert.Equal(imports.Holding("members 12"), await imports.FindAsync("members 12", Stop));

        imports.Change(120, "else");
        imports.CatchUp();
        using var restarted = new LoyaltyDashboard.Ingest.WriterSession(imports.Database.Connection.ConnectionString);
        while (restarted.Search.Step())
        {
        }

        imports.CheckIndex();
        Assert.Equal(300L, imports.IndexedTo);
        Assert.Equal(imports.Holding("members 12"), await imports.FindAsync("members 12", Stop));
    }

    private static string? PieceOf(string text, int number)
    {
        var runes = text.EnumerateRunes().ToList();
        var length = Math.Min(runes.Count, 1 + (number / 7 % 9));
        return length == 0 ? null : string.Concat(runes.Skip(number / 3 % (runes.Count - length + 1)).Take(length));
    }

    private static bool Holds(ImportRow row, string q) =>
        $"{row.FileName}{(row.RowId % 2 == 1 ? " last by name" : "")}\nimport {row.RowId}.csv".Contains(q, StringComparison.Ordinal) || row.Site!.Name!.Contains(q, StringComparison.OrdinalIgnoreCase);
}
