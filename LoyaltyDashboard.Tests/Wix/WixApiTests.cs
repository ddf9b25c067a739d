using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixApiTests : IAsyncLifetime
{
    private const string Imports = "/_api/loyalty-imports/v1/loyalty-imports";

    private WixApiBench _bench = null!;

    private FakeWix Wix => _bench.Wix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await WixApiBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Import_is_asked_for_by_query_and_read_tolerantly()
    {
        Wix.Answer(200, """{"loyaltyImport":{"id":"A b&c","revision":4,"status":"PAUSED","fileMetadata":{"size":"many"},"importResult":{"successCount":"7"}}}""");
        var import = await _bench.GetAsync("a b&c");

        Assert.Equal(("GET", Imports + "?loyaltyImportId=a%20b%26c"), (Wix.Calls[0].Method, Wix.Calls[0].Path));
        Assert.Equal(("a b&c", "4", "PAUSED", 7L), (import.Import.Id, import.Import.Revision, import.Import.Status, import.Import.ImportResult!.SuccessCount));
        Assert.Equal(["fileMetadata.size"], import.UnreadableFields);
    }

    [Fact]
    public async Task First_page_is_asked_for_with_filter_and_sort_and_later_ones_with_the_cursor_alone()
    {
        Wix.Answer(200, """{"loyaltyImports":[{"id":"i1"},{"id":"i2","revision":[]}],"pagingMetadata":{"count":2,"cursors":{"next":"page two"},"hasNext":true}}""");
        Wix.Answer(200, """{"loyaltyImports":[{"id":"i3"}],"pagingMetadata":{"count":1,"cursors":{},"hasNext":false}}""");
        var query = new ImportsQuery
        {
            CreatedFrom = new DateTimeOffset(2026, 11, 24, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(1_239_999),
            CreatedTo = new DateTimeOffset(2026, 11, 24, 13, 0, 0, TimeSpan.Zero).AddTicks(1_230_001),
        };

        var first = await _bench.Api.QueryImportsAsync(WixApiBench.Site, query, Cancellation);
        var second = await _bench.Api.QueryImportsAsync(WixApiBench.Site, query with { Cursor = first.NextCursor, Limit = 7 }, Cancellation);

        Assert.All(Wix.Calls, call => Assert.Equal(("POST", Imports + "/query", "application/json; charset=utf-8"), (call.Method, call.Path, call.ContentType)));
        Assert.Equal(
            """{"query":{"filter":{"createdDate":{"$gte":"2026-11-24T12:00:00.123Z","$lte":"2026-11-24T13:00:00.124Z"}},"sort":[{"fieldName":"createdDate","order":"ASC"}],"cursorPaging":{"limit":100}}}""",
            Wix.Calls[0].Body);
        Assert.Equal("""{"query":{"cursorPaging":{"limit":7,"cursor":"page two"}}}""", Wix.Calls[1].Body);
        Assert.Equal(["i1", "i2"], first.Imports.Select(i => i.Import.Id));
        Assert.Equal(("page two", 0), (first.NextCursor, first.LeftOut));
        Assert.Equal([[], ["revision"]], first.Imports.Select(i => i.UnreadableFields));
        Assert.Equal(["i3"], second.Imports.Select(i => i.Import.Id));
        Assert.Null(second.NextCursor);
    }

    [Fact]
    public async Task Query_without_bounds_has_no_filter()
    {
        Wix.Answer(200, """{"loyaltyImports":[]}""");
        await _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery { NewestFirst = true }, Cancellation);

        Assert.Equal("""{"query":{"sort":[{"fieldName":"createdDate","order":"DESC"}],"cursorPaging":{"limit":100}}}""", Wix.Calls[0].Body);
    }

    [Fact]
    public void Bounds_at_the_ends_of_time_are_written()
    {
        var body = new ImportsQuery { CreatedFrom = DateTimeOffset.MinValue, CreatedTo = DateTimeOffset.MaxValue }.ToJson().ToJsonString();

        Assert.Contains("\"0001-01-01T00:00:00.000Z\"", body);
        Assert.Contains("\"9999-12-31T23:59:59.999Z\"", body);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task Page_of_a_size_that_Wix_has_not_is_not_asked_for(int limit)
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery { Limit = limit }, Cancellation));
        Assert.Empty(Wix.Requests);
    }

    [Fact]
    public async Task What_is_no_import_is_left_out_and_counted()
    {
        Wix.Answer(200, """{"loyaltyImports":[{"id":"i1"},{},null,7,"i2",{"id":""},{"loyaltyImport":{"id":"i3"}}]}""");
        var page = await _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation);

        Assert.Equal(["i1", "i3"], page.Imports.Select(i => i.Import.Id));
        Assert.Equal(5, page.LeftOut);
    }

    [Theory]
    [InlineData("""{"pagingMetadata":{"count":0}}""", null)]
    [InlineData("""{"loyaltyImports":[]}""", null)]
    [InlineData("""{"loyaltyImports":[],"pagingMetadata":{"cursors":{"next":"c"}}}""", "c")]
    [InlineData("""{"loyaltyImports":[],"pagingMetadata":{"cursors":{"next":""},"hasNext":true}}""", null)]
    [InlineData("""{"loyaltyImports":[],"pagingMetadata":{"cursors":{"next":"c"},"hasNext":false}}""", null)]
    public async Task Next_page_is_where_a_cursor_is(string answer, string? next)
    {
        Wix.Answer(200, answer);
        Assert.Equal(next, (await _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation)).NextCursor);
    }

    [Fact]
    public async Task Error_file_has_a_link()
    {
        Wix.Answer(200, """{"url":"https://files.example/errors.csv?token=signed"}""");
        var url = await _bench.Api.GetErrorFileUrlAsync(WixApiBench.Site, "i1", Cancellation);

        Assert.Equal(("GET", Imports + "/error-file-download-url?loyaltyImportId=i1"), (Wix.Calls[0].Method, Wix.Calls[0].Path));
        Assert.Equal("https://files.example/errors.csv?token=signed", url.AbsoluteUri);
    }

    [Theory]
    [InlineData("""{"instance":{"instanceId":"8D1A3F0E-0000-4000-8000-000000000001"},"site":{"siteDisplayName":" Corner Shop ","url":"https://shop.example"}}""", "Corner Shop", "https://shop.example")]
    [InlineData("""{"instance":{},"site":{"siteDisplayName":"","url":null}}""", null, null)]
    [InlineData("""{"instance":{}}""", null, null)]
    public async Task Site_has_a_name_and_an_address_or_neither(string answer, string? name, string? url)
    {
        Wix.Answer(200, answer);

        Assert.Equal(new AppInstance(name, url), await _bench.Api.GetAppInstanceAsync(WixApiBench.Site, Cancellation));
        Assert.Equal(("GET", "/apps/v1/instance"), (Wix.Calls[0].Method, Wix.Calls[0].Path));
    }

    [Fact]
    public async Task Import_keeps_the_id_that_was_asked_for_in_whatever_letters_Wix_writes_it()
    {
        Wix.Answer(200, """{"loyaltyImport":{"id":"ABC-1","status":"PARSED"}}""");

        Assert.Equal("abc-1", (await _bench.GetAsync("abc-1")).Import.Id);
    }

    [Fact]
    public async Task Long_name_is_cut_and_an_address_too_long_for_one_is_left_out()
    {
        Wix.Answer(200, $$$"""{"site":{"siteDisplayName":"{{{new string('n', 199)}}}😀{{{new string('n', 1_000_000)}}}","url":"https://{{{new string('u', 2_000)}}}"}}""");

        Assert.Equal(new AppInstance(new string('n', 199) + "…", null), await _bench.Api.GetAppInstanceAsync(WixApiBench.Site, Cancellation));
    }

    [Fact]
    public async Task Packed_answer_is_unpacked()
    {
        Wix.Answer(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var packed = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await packed.WriteAsync("""{"loyaltyImport":{"id":"i1","status":"PARSED"}}"""u8.ToArray(), Cancellation);
        });

        Assert.Equal(ImportStatus.Parsed, ImportStatusWords.Parse((await _bench.GetAsync()).Import.Status));
    }

    [Fact]
    public async Task Without_credentials_nothing_is_asked_and_the_reason_is_told()
    {
        await using var bench = await WixApiBench.StartAsync(canFollow: false);

        Assert.False(bench.Api.CanFollow);
        Assert.True(_bench.Api.CanFollow);
        Task[] calls =
        [
            bench.GetAsync(),
            bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation),
            bench.Api.GetErrorFileUrlAsync(WixApiBench.Site, "i1", Cancellation),
            bench.Api.GetAppInstanceAsync(WixApiBench.Site, Cancellation),
        ];
        foreach (var call in calls)
        {
            var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => call);
            Assert.Equal("Wix cannot be asked: Wix:AppId and Wix:AppSecret are not both set.", refusal.Message);
        }

        Assert.Empty(bench.Wix.Requests);
    }
}
