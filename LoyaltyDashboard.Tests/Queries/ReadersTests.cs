using System.Text;
using System.Text.Json;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>What each kind of reader gets of the same imports: all of it, masks, or one site's.</summary>
public sealed class ReadersTests : IAsyncLifetime
{
    private const string Rosa = "f1a2b3c4-0001-4002-8003-000000000001";
    private const string Zoo = "f1a2b3c4-0001-4002-8003-000000000002";

    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly Reader _viewer = new("user:1", Role.Viewer, null, SeesClear: false);
    private static readonly Reader _operator = new("user:2", Role.Operator, null, SeesClear: false);
    private static readonly Reader _ofRosa = new("user:3", Role.Viewer, [Rosa.ToUpperInvariant()], SeesClear: true);
    private static readonly Reader _ofNobodysSite = new("user:4", Role.Administrator, ["f1a2b3c4-0001-4002-8003-000000000009"], SeesClear: true);

    private static readonly GivenImport _personal = new()
    {
        Id = "personal",
        Arrived = _now.AddHours(-1),
        Status = "PARSED",
        FileName = "list of ann@example.com.csv",
        Header = ["name", "e-mail", "points", "phone"],
        Mapping = [("EMAIL", 1), ("POINTS", 2)],
        Samples = [["Ann Lee", "ann@example.com", "120", "+49 171 555"], ["Bob", "bob at example", "12.5", "5550123"]],
        ErrorReason = "Row 2: bob@example.com is twice in it",
        Rows = 2,
    };

    private static readonly GivenImport _headless = new()
    {
        Id = "headless",
        Arrived = _now.AddHours(-2),
        Status = "IMPORTED",
        FileName = "headless.csv",
        Header = ["cyd@example.com", "Cyd Moss", "77"],
        Mapping = [("EMAIL", 1), ("POINTS", 2)],
        Samples = [["dan@example.com", "Dan", "8"]],
        Succeeded = 10,
        Failed = 3,
        ErrorFile = true,
    };

    private static readonly GivenImport _ofZoo = new() { Id = "of the zoo", InstanceId = Zoo, Arrived = _now.AddHours(-3), Status = "FAILED", FileName = "zoo.csv", Failed = 5 };

    private static readonly GivenImport _ofNoSite = new() { Id = "of no site", InstanceId = null, Arrived = _now.AddHours(-4), Status = "PARSING", FileName = "stray.csv" };

    private readonly DashboardApp _app = DashboardApp.Start(new FakeTimeProvider(_now));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SiteQueries Sites => _app.Services.GetRequiredService<SiteQueries>();

    public async ValueTask InitializeAsync()
    {
        var queue = _app.Services.GetRequiredService<IngestQueue>();
        foreach (var import in (GivenImport[])[_ofNoSite, _ofZoo, _headless, _personal])
        {
            await queue.EnqueueAsync(import.ToDelivery(), Stop);
        }

        await queue.EnqueueAsync(NamedSite.Answer(Zoo, "Zoo of keeper@zoo.example"), Stop);
        await _app.PostAsync("rubbish");
        await WrittenAsync();
    }

    public ValueTask DisposeAsync()
    {
        ((IDisposable)_app).Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Reader_of_one_site_gets_its_imports_alone_wherever_they_are_listed_or_counted()
    {
        var filter = new ImportFilter { Sort = ImportSort.Arrived };

        Assert.Equal(["personal", "headless"], (await _app.Imports.PageAsync(_ofRosa, filter, 1, 10, Stop)).Rows.Select(row => row.Id));
        Assert.Equal((2, true), await TotalAsync(_ofRosa, filter));
        Assert.Equal(2, await _app.Imports.CountAsync(_ofRosa, filter, Stop));
        Assert.Equal(["personal", "headless"], (await _app.Imports.ItemsAsync(_ofRosa, filter, null, 10, Stop)).Items.Select(item => item.LoyaltyImport.Id));
        Assert.Equal(["personal", "headless"], await _app.Streams.ItemsAsync(_ofRosa, filter, Stop).Select(item => item.LoyaltyImport.Id).ToListAsync(Stop));
        Assert.Equal(["personal", "headless"], await CellsAsync(_ofRosa, filter, ImportColumn.Id));
        Assert.Equal(["personal", "headless"], (await _app.Imports.RowsAsync(_ofRosa, [1, 2, 3, 4], Stop)).Select(row => row.Id).OrderDescending());
        Assert.Equal([Rosa], (await _app.Imports.SitesAsync(_ofRosa, Stop)).Select(site => site.InstanceId));
        Assert.Equal([Rosa], (await Sites.PageAsync(_ofRosa, 1, 10, Stop)).Sites.Select(site => site.Site.InstanceId));
        Assert.Equal(1, (await Sites.PageAsync(_ofRosa, 1, 10, Stop)).Total);
    }

    [Theory]
    [InlineData(ImportSort.Site)]
    [InlineData(ImportSort.File)]
    [InlineData(ImportSort.Status)]
    [InlineData(ImportSort.Failed)]
    public async Task Reader_of_one_site_gets_no_other_by_any_sort_filter_or_text(ImportSort sort)
    {
        Assert.All((await _app.Imports.PageAsync(_ofRosa, new ImportFilter { Sort = sort }, 1, 10, Stop)).Rows, row => Assert.Equal(Rosa, row.Site!.InstanceId));
        Assert.Equal((0, true), await TotalAsync(_ofRosa, new ImportFilter { Sort = sort, Sites = [Zoo] }));
        Assert.Equal((2, true), await TotalAsync(_ofRosa, new ImportFilter { Sort = sort, Sites = [Zoo, Rosa] }));
        Assert.Equal((0, true), await TotalAsync(_ofRosa, new ImportFilter { Sort = sort, Q = "zoo" }));
        Assert.Equal((0, true), await TotalAsync(_ofRosa, new ImportFilter { Sort = sort, Statuses = [ImportStatus.Failed, ImportStatus.Parsing] }));
        Assert.Equal((4, true), await TotalAsync(_viewer, new ImportFilter { Sort = sort }));
    }

    [Fact]
    public async Task Reader_of_one_site_finds_no_import_and_no_neighbour_of_another()
    {
        Assert.NotNull(await _app.Imports.FindAsync(_ofRosa, "personal", Stop));
        Assert.Null(await _app.Imports.FindAsync(_ofRosa, "of the zoo", Stop));
        Assert.Null(await _app.Imports.FindAsync(_ofRosa, "of no site", Stop));
        Assert.Equal(new Neighbours("personal", null), await _app.Imports.NeighboursAsync(_ofRosa, ImportFilter.Default, "headless", Stop));
        Assert.Equal(new Neighbours(null, null), await _app.Imports.NeighboursAsync(_ofRosa, ImportFilter.Default, "of the zoo", Stop));
        Assert.Equal(new Neighbours("headless", "of no site"), await _app.Imports.NeighboursAsync(_viewer, ImportFilter.Default, "of the zoo", Stop));
    }

    [Fact]
    public async Task Tiles_are_those_of_the_readers_sites_and_each_set_of_sites_has_its_own()
    {
        var (all, some) = (await _app.Imports.TilesAsync(_viewer, Stop), await _app.Imports.TilesAsync(_ofRosa, Stop));

        Assert.Equal((4, 1, 1, 1, 10L, 8L), (all.Arrived, all.Moving, all.Waiting, all.Failed, all.RowsImported, all.RowsFailed));
        Assert.Equal((2, 0, 1, 0, 10L, 3L), (some.Arrived, some.Moving, some.Waiting, some.Failed, some.RowsImported, some.RowsFailed));
        Assert.Equal(1, (await _app.Imports.TilesAsync(_ofRosa with { Sites = [Zoo] }, Stop)).Arrived);
        Assert.Equal(3, (await _app.Imports.TilesAsync(_ofRosa with { Sites = [Zoo, Rosa] }, Stop)).Arrived);
        Assert.Equal(4, (await _app.Imports.TilesAsync(_operator, Stop)).Arrived);
    }

    [Fact]
    public async Task Deliveries_are_those_of_the_readers_sites_and_rejected_ones_nobodys()
    {
        var all = await _app.Deliveries.PageAsync(_viewer, [], 1, 10, Stop);
        var some = await _app.Deliveries.PageAsync(_ofRosa, [], 1, 10, Stop);

        Assert.Equal((5, 2), (all.Total, some.Total));
        Assert.Contains(all.Deliveries, delivery => delivery.Outcome == DeliveryOutcome.Rejected);
        Assert.All(some.Deliveries, delivery => Assert.Equal(Rosa, delivery.InstanceId));
        foreach (var delivery in all.Deliveries)
        {
            var isTheirs = delivery.InstanceId == Rosa;
            Assert.Equal(isTheirs, await _app.Deliveries.FindAsync(_ofRosa, delivery.RowId, Stop) is not null);
            Assert.Equal(isTheirs, await _app.Deliveries.BodyAsync(_ofRosa, delivery.RowId, Stop) is not null);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reader_without_a_site_or_a_role_gets_nothing(bool hasRole)
    {
        var reader = hasRole ? _ofNobodysSite : Reader.Nobody;

        Assert.Equal((0, true), await TotalAsync(reader, ImportFilter.Default));
        Assert.Empty(await _app.Streams.ItemsAsync(reader, ImportFilter.Default, Stop).ToListAsync(Stop));
        Assert.Empty(await CellsAsync(reader, ImportFilter.Default, ImportColumn.Id));
        Assert.Equal(0, await _app.Imports.CountAsync(reader, ImportFilter.Default, Stop));
        Assert.Empty((await _app.Imports.ItemsAsync(reader, ImportFilter.Default, null, 10, Stop)).Items);
        Assert.Empty(await _app.Imports.SitesAsync(reader, Stop));
        Assert.Equal(0, (await _app.Imports.TilesAsync(reader, Stop)).Arrived);
        Assert.Empty((await _app.Deliveries.PageAsync(reader, [], 1, 10, Stop)).Deliveries);
        Assert.Empty((await Sites.PageAsync(reader, 1, 10, Stop)).Sites);
        Assert.Equal(0, await Sites.TroubledAsync(reader, Stop));
        Assert.Null(await _app.Imports.FindAsync(reader, "personal", Stop));
        Assert.Null(await _app.Deliveries.FindAsync(reader, 1, Stop));
    }

    [Fact]
    public async Task Masked_import_keeps_its_verdict_and_says_which_cells_are_wrong()
    {
        var (clear, masked) = (await FindAsync(Reader.System, "personal"), await FindAsync(_operator, "personal"));

        Assert.Equal([["Xxx Xxx", "a•••@e•••.com", "120", "+00 000 000"], ["Xxx", "xxx xx xxxxxxx", "00.0", "0000000"]], masked.LoyaltyImport.FileMetadata!.SampleDataRows!.Select(row => row.Values!.ToArray()));
        Assert.Equal(["name", "e-mail", "points", "phone"], masked.LoyaltyImport.FileMetadata.Header!.Values!);
        Assert.Equal("list of a•••@e•••.csv", masked.Row.FileName);
        Assert.Equal("Row 2: b•••@e•••.com is twice in it", masked.LoyaltyImport.ParseResult!.ParseErrorReason);
        Assert.Equal(clear.Mapping.Verdict, masked.Mapping.Verdict);
        Assert.Equal(clear.Mapping.Findings, masked.Mapping.Findings);
        Assert.Equal((CellFault.NoEmail, CellFault.NoNumber, CellFault.None), (masked.Faults[1, 1], masked.Faults[1, 2], masked.Faults[0, 1]));
        Assert.Equal((false, true), (clear.IsMasked, masked.IsMasked));
        Assert.Equal((2, "PARSED"), (masked.LoyaltyImport.ParseResult.ParsedRowCount, masked.LoyaltyImport.Status));
        Assert.Equal("Ann Lee", clear.LoyaltyImport.FileMetadata!.SampleDataRows![0].Values![0]);
    }

    [Fact]
    public async Task First_line_that_is_data_is_masked_whole_and_quoted_by_no_finding()
    {
        var masked = await FindAsync(_viewer, "headless");

        Assert.Equal(["c•••@e•••.com", "Xxx Xxxx", "77"], masked.LoyaltyImport.FileMetadata!.Header!.Values!);
        Assert.Contains(masked.Mapping.Findings, finding => finding.Code == "no-heading-row");
        Assert.Contains(masked.Mapping.Findings, finding => finding.Message.Contains("\"Xxx Xxxx\"", StringComparison.Ordinal));
        Assert.DoesNotContain(masked.Mapping.Findings, finding => finding.Message.Contains("Cyd", StringComparison.Ordinal));
        // There is no heading, so the narrow row has the index, for everybody.
        Assert.Equal(("1", "2"), (masked.Row.EmailColumn, masked.Row.PointsColumn));
    }

    [Fact]
    public async Task Page_item_cells_and_detail_of_an_import_show_the_same_masks()
    {
        foreach (var id in (string[])["personal", "headless"])
        {
            var detail = await FindAsync(_viewer, id);
            var row = (await _app.Imports.PageAsync(_viewer, ImportFilter.Default, 1, 10, Stop)).Rows.Single(r => r.Id == id);
            var item = (await _app.Imports.ItemsAsync(_viewer, ImportFilter.Default, null, 10, Stop)).Items.Single(i => i.LoyaltyImport.Id == id);
            var streamed = await _app.Streams.ItemsAsync(_viewer, ImportFilter.Default, Stop).SingleAsync(i => i.LoyaltyImport.Id == id, Stop);
            var number = (await CellsAsync(_viewer, ImportFilter.Default, ImportColumn.Id)).IndexOf(id);
            async Task<string?> CellAsync(ImportColumn column) => (await CellsAsync(_viewer, ImportFilter.Default, column))[number] is { Length: > 0 } cell ? cell : null;

            Assert.Equal(detail.Row, row);
            Assert.Equal(Json(WithoutSamples(detail.LoyaltyImport)), Json(item.LoyaltyImport));
            Assert.Equal(Json(item), Json(streamed));
            Assert.Equal(detail.Mapping.Findings, item.Mapping.Findings);
            Assert.Equal((row.FileName, row.ParseErrorReason, row.EmailColumn, row.PointsColumn),
                (await CellAsync(ImportColumn.FileName), await CellAsync(ImportColumn.ParseErrorReason), await CellAsync(ImportColumn.EmailColumn), await CellAsync(ImportColumn.PointsColumn)));
            Assert.DoesNotContain("@example", Json(detail) + Json(row) + Json(streamed), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Export_of_an_operator_is_clear_and_of_a_viewer_is_not()
    {
        Assert.Contains("list of ann@example.com.csv", await CellsAsync(_operator.ForExport(), ImportFilter.Default, ImportColumn.FileName));
        Assert.Contains("list of a•••@e•••.csv", await CellsAsync(_viewer.ForExport(), ImportFilter.Default, ImportColumn.FileName));
    }

    [Fact]
    public async Task Body_is_there_but_not_shown()
    {
        var delivery = (await _app.Deliveries.PageAsync(_viewer, [DeliveryOutcome.Stored], 1, 1, Stop)).Deliveries.Single();

        Assert.Equal(new DeliveryBody(null), await _app.Deliveries.BodyAsync(_viewer, delivery.RowId, Stop));
        Assert.Contains("ann@example.com", (await _app.Deliveries.BodyAsync(Reader.System, delivery.RowId, Stop))!.Json, StringComparison.Ordinal);
        Assert.Equal("list of a•••@e•••.csv", delivery.Import!.FileName);
        Assert.Null(await _app.Deliveries.BodyAsync(_viewer, 999, Stop));
    }

    [Theory]
    [InlineData("ann@example.com.csv", 1)]
    [InlineData("ann@example.com", 0)]
    [InlineData("a•••@e•••", 1)]
    [InlineData("bob@example.com", 1)]
    [InlineData("nn@example.com", 0)]
    [InlineData("example", 1)]
    [InlineData("mple.com", 0)]
    [InlineData("cyd", 0)]
    [InlineData("moss", 0)]
    [InlineData("keeper", 0)]
    [InlineData("zoo.example", 0)]
    [InlineData("list of", 1)]
    [InlineData("zoo of", 1)]
    [InlineData("phone", 1)]
    public async Task Search_finds_by_what_is_shown_alone_whoever_asks(string q, int found)
    {
        foreach (var reader in (Reader[])[_viewer, Reader.System])
        {
            Assert.Equal(found, (await _app.Imports.PageAsync(reader, new ImportFilter { Q = q }, 1, 10, Stop)).Total);
        }
    }

    [Fact]
    public async Task Cursor_holds_no_name_that_is_masked_and_still_goes_on()
    {
        var filter = new ImportFilter { Sort = ImportSort.File, Ascending = true };
        List<string> walked = [];
        string? cursor = null;
        do
        {
            var items = await _app.Imports.ItemsAsync(_viewer, filter, cursor, 1, Stop);
            walked.AddRange(items.Items.Select(item => item.LoyaltyImport.Id));
            cursor = items.Next;
            Assert.DoesNotContain("@", cursor is null ? string.Empty : Encoding.UTF8.GetString(Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(cursor)), StringComparison.Ordinal);
        }
        while (cursor is not null);

        Assert.Equal(["headless", "personal", "of no site", "of the zoo"], walked);
    }

    [Fact]
    public async Task Cursor_that_guesses_a_name_is_refused()
    {
        var filter = new ImportFilter { Sort = ImportSort.File, Ascending = true };
        var guess = (await _app.Imports.ItemsAsync(Reader.System, filter, null, 1, Stop)).Next;

        await Assert.ThrowsAsync<FormatException>(() => _app.Imports.ItemsAsync(_viewer, filter, guess, 1, Stop));
        Assert.Single((await _app.Imports.ItemsAsync(Reader.System, filter, guess, 1, Stop)).Items);
    }

    [Fact]
    public async Task Names_of_sites_are_masked_too()
    {
        Assert.Equal("Zoo of k•••@z•••.example", (await _app.Imports.SitesAsync(_viewer, Stop)).Single(site => site.InstanceId == Zoo).Name);
        Assert.Equal("Zoo of keeper@zoo.example", (await _app.Imports.SitesAsync(Reader.System, Stop)).Single(site => site.InstanceId == Zoo).Name);
        Assert.Equal("Zoo of k•••@z•••.example", (await Sites.PageAsync(_viewer, 1, 10, Stop)).Sites.Single(site => site.Site.InstanceId == Zoo).Site.Name);
    }

    private static LoyaltyImport WithoutSamples(LoyaltyImport import) => import with { FileMetadata = import.FileMetadata! with { SampleDataRows = null } };

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, ImportContract.Options);

    private async Task<ImportDetail> FindAsync(Reader reader, string id) => (await _app.Imports.FindAsync(reader, id, Stop))!;

    private async Task<(int Total, bool IsExact)> TotalAsync(Reader reader, ImportFilter filter)
    {
        var page = await _app.Imports.PageAsync(reader, filter, 1, 10, Stop);
        Assert.Equal(page.Total, page.Rows.Count);
        return (page.Total, page.TotalIsExact);
    }

    private async Task<List<string>> CellsAsync(Reader reader, ImportFilter filter, ImportColumn column)
    {
        List<string> cells = [];
        await foreach (var rows in _app.Streams.RowsAsync(reader, filter, Stop))
        {
            for (var row = 0; row < rows.Rows; row++)
            {
                cells.Add(Encoding.UTF8.GetString(rows[row, column].Text));
            }
        }

        return cells;
    }

    // The line of what was turned away rides with the next batch.
    private async Task WrittenAsync()
    {
        while ((await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Rejected], 1, 1, Stop)).Total == 0)
        {
            await _app.Services.GetRequiredService<IngestQueue>().EnqueueAsync(NamedSite.Answer(Zoo, "Zoo of keeper@zoo.example"), Stop);
        }
    }
}
