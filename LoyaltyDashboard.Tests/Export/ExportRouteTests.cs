using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Export;

public sealed class ExportRouteTests(ExportRouteTests.SomeImports given) : IClassFixture<ExportRouteTests.SomeImports>
{
    private const string Filter = "status=IMPORTED&sort=size&dir=asc";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("csv", "text/csv")]
    [InlineData("jsonl", "application/jsonl")]
    [InlineData("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    public async Task File_has_its_type_and_a_name_with_the_day(string format, string mediaType)
    {
        var answer = await given.App.Client.GetAsync("/api/imports/export?format=" + format, Stop);

        Assert.Equal((HttpStatusCode.OK, mediaType), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal($"attachment; filename=\"loyalty-imports-2026-11-24.{format}\"", answer.Content.Headers.GetValues("Content-Disposition").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    [InlineData("jsonl")]
    public async Task What_cannot_be_audited_leaves_no_row(string format)
    {
        using var app = DashboardApp.Start();
        (await app.PostAsync(new WixWebhook())).EnsureSuccessStatusCode();
        await using (var database = await app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop))
        {
            await database.Database.ExecuteSqlRawAsync("ALTER TABLE audit RENAME TO elsewhere", Stop);
        }

        using var answer = await app.Client.GetAsync("/api/imports/export?format=" + format, HttpCompletionOption.ResponseHeadersRead, Stop);
        var received = new MemoryStream();
        var fault = await Record.ExceptionAsync(async () => await (await answer.Content.ReadAsStreamAsync(Stop)).CopyToAsync(received, Stop));

        Assert.True(fault is not null || !answer.IsSuccessStatusCode);
        Assert.DoesNotContain("members.csv", Encoding.UTF8.GetString(received.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_format_holds_the_filtered_list_in_its_order()
    {
        string[] expected = ["b", "c", "a"];

        Assert.Equal(expected, Csv.Parse((await TextAsync("csv"))[1..]).Skip(1).Select(line => line[0]));
        Assert.Equal(expected, (await TextAsync("jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!["loyaltyImport"]!["id"]!.GetValue<string>()));
        using var book = SpreadsheetDocument.Open(new MemoryStream(await given.App.Client.GetByteArrayAsync($"/api/imports/export?format=xlsx&{Filter}", Stop)), isEditable: false);
        Assert.Equal(expected, book.WorkbookPart!.WorksheetParts.Single().Worksheet!.Descendants<Row>().Skip(1).Select(row => row.Elements<Cell>().First().InnerText));
    }

    [Fact]
    public async Task Lines_are_the_items_of_the_API()
    {
        var items = JsonNode.Parse(await given.App.Client.GetStringAsync("/api/imports", Stop))!["items"]!.AsArray();

        var lines = (await given.App.Client.GetStringAsync("/api/imports/export?format=jsonl", Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(items.Select(item => item!.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
    }

    [Theory]
    [InlineData("", "format")]
    [InlineData("format=pdf", "format")]
    [InlineData("format=CSV", "format")]
    [InlineData("format=csv&format=xlsx", "format")]
    [InlineData("format=csv&cursor=AAAA", "cursor")]
    [InlineData("format=csv&status=DONE", "status")]
    [InlineData("format=xlsx&colour=red", "colour")]
    public async Task Query_that_is_not_understood_is_a_problem_and_no_file(string query, string name)
    {
        var answer = await given.App.Client.GetAsync("/api/imports/export?" + query, Stop);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Null(answer.Content.Headers.ContentDisposition);
        Assert.Equal([name], JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["errors"]!.AsObject().Select(e => e.Key));
    }

    [Fact]
    public async Task List_without_rows_is_a_file_with_its_heading_and_nothing_else()
    {
        const string Nothing = "q=nowhere+to+be+found";

        Assert.Single(Csv.Parse((await given.App.Client.GetStringAsync("/api/imports/export?format=csv&" + Nothing, Stop))[1..]));
        Assert.Empty(await given.App.Client.GetStringAsync("/api/imports/export?format=jsonl&" + Nothing, Stop));
        using var book = SpreadsheetDocument.Open(new MemoryStream(await given.App.Client.GetByteArrayAsync("/api/imports/export?format=xlsx&" + Nothing, Stop)), isEditable: false);
        Assert.Single(book.WorkbookPart!.WorksheetParts.Single().Worksheet!.Descendants<Row>());
    }

    [Theory]
    [InlineData("csv", "\uFEFFid,")]
    [InlineData("xlsx", "PK")]
    public async Task First_bytes_leave_before_the_order_is_known(string format, string beginning)
    {
        // While all places are taken, no question reaches the database.
        var gate = given.App.Services.GetRequiredService<QuestionGate>();
        var places = new List<IDisposable>();
        for (var i = 0; i < Math.Max(2, Environment.ProcessorCount); i++)
        {
            places.Add(await gate.EnterAsync(Stop));
        }

        using var answer = await given.App.Client.GetAsync("/api/imports/export?format=" + format, HttpCompletionOption.ResponseHeadersRead, Stop);
        await using var body = await answer.Content.ReadAsStreamAsync(Stop);
        var first = new byte[Encoding.UTF8.GetByteCount(beginning)];
        await body.ReadExactlyAsync(first, Stop);

        Assert.Equal(beginning, Encoding.UTF8.GetString(first));
        places.ForEach(place => place.Dispose());
        Assert.NotEqual(0, (await new StreamReader(body).ReadToEndAsync(Stop)).Length);
    }

    [Fact]
    public async Task Page_of_the_list_does_not_cut_the_file() =>
        Assert.Equal(5, Csv.Parse((await given.App.Client.GetStringAsync("/api/imports/export?format=csv&page=2&pageSize=1", Stop))[1..]).Count);

    private Task<string> TextAsync(string format) => given.App.Client.GetStringAsync($"/api/imports/export?format={format}&{Filter}", Stop);

    /// <summary>Three IMPORTED and one that is not.</summary>
    public sealed class SomeImports : IAsyncLifetime
    {
        public DashboardApp App { get; } = DashboardApp.Start(new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)));

        public async ValueTask InitializeAsync()
        {
            foreach (var import in (GivenImport[])[
                new() { Id = "a", Status = "IMPORTED" }, new() { Id = "b", Status = "IMPORTED", FileSize = 1 }, new() { Id = "c", Status = "IMPORTED", FileSize = 20, Samples = [["a@b.co", "5"]] }, new() { Id = "d" }])
            {
                Assert.Equal(HttpStatusCode.OK, (await App.PostAsync(import.ToWebhook())).StatusCode);
            }
        }

        public ValueTask DisposeAsync()
        {
            ((IDisposable)App).Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
