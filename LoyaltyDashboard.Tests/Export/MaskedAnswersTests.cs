using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Export;

/// <summary>The same import by every way that a script or a download has: what one of them masks, all of them mask, and alike.</summary>
public sealed class MaskedAnswersTests : IAsyncLifetime
{
    private const string Clear = "list of ann@example.com.csv";
    private const string Masked = "list of a•••@e•••.csv";

    private static readonly string[] _formats = ["csv", "jsonl", "xlsx"];

    private static readonly GivenImport _import = new()
    {
        Id = "personal",
        Status = "PARSED",
        FileName = Clear,
        Header = ["name", "e-mail of bob@example.com", "points"],
        Mapping = [("EMAIL", 1), ("POINTS", 2)],
        Samples = [["Ann Lee", "ann@example.com", "120"]],
        ErrorReason = "cyd@example.com is twice in it",
    };

    private readonly DashboardApp _app = DashboardApp.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _app.PostAsync(_import.ToWebhook());

    public ValueTask DisposeAsync()
    {
        ((IDisposable)_app).Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Viewer_reads_the_same_masks_everywhere()
    {
        using var viewer = _app.ClientOf(await _app.Services.SignInAsync(Role.Viewer));

        var whole = JsonNode.Parse(await viewer.GetStringAsync("/api/imports/personal", Stop))!;
        var item = JsonNode.Parse(await viewer.GetStringAsync("/api/imports", Stop))!["items"]![0]!;
        var line = JsonNode.Parse(await viewer.GetStringAsync("/api/imports/export?format=jsonl", Stop))!;

        Assert.Equal(["Xxx Xxx", "a•••@e•••.com", "120"], whole["loyaltyImport"]!["fileMetadata"]!["sampleDataRows"]![0]!["values"]!.AsArray().Select(cell => cell!.GetValue<string>()));
        whole["loyaltyImport"]!["fileMetadata"]!.AsObject().Remove("sampleDataRows");
        Assert.Equal(whole["loyaltyImport"]!.ToJsonString(), item["loyaltyImport"]!.ToJsonString());
        Assert.Equal(whole["mapping"]!.ToJsonString(), item["mapping"]!.ToJsonString());
        Assert.Equal(item.ToJsonString(), line.ToJsonString());
        Assert.Equal(Masked, (string?)item["loyaltyImport"]!["fileMetadata"]!["name"]);
        foreach (var format in _formats)
        {
            var file = await ExportAsync(viewer, format);
            Assert.Contains(Masked, file, StringComparison.Ordinal);
            Assert.Contains("c•••@e•••.com is twice in it", file, StringComparison.Ordinal);
            Assert.DoesNotContain("@example", file, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Operator_exports_in_clear_and_reads_masks_until_they_ask()
    {
        using var person = _app.ClientOf(await _app.Services.SignInAsync(Role.Operator));

        foreach (var format in _formats)
        {
            Assert.Contains(Clear, await ExportAsync(person, format), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("@example", await person.GetStringAsync("/api/imports/personal", Stop) + await person.GetStringAsync("/api/imports", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_of_an_operator_reads_in_clear_and_of_a_viewer_does_not()
    {
        using var ofOperator = _app.ClientOf(null).WithKey(await _app.Services.MakeKeyAsync(Role.Operator));
        using var ofViewer = _app.ClientOf(null).WithKey(await _app.Services.MakeKeyAsync(Role.Viewer));

        Assert.Contains("Ann Lee", await ofOperator.GetStringAsync("/api/imports/personal", Stop), StringComparison.Ordinal);
        Assert.DoesNotContain("Ann", await ofViewer.GetStringAsync("/api/imports/personal", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_of_another_site_gets_nothing()
    {
        using var other = _app.ClientOf(await _app.Services.SignInAsync(Role.Administrator, ["f1a2b3c4-0001-4002-8003-000000000009"]));

        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await other.GetAsync("/api/imports/personal", Stop)).StatusCode);
        Assert.Equal(0, (int?)JsonNode.Parse(await other.GetStringAsync("/api/imports", Stop))!["total"]);
        foreach (var format in _formats)
        {
            Assert.DoesNotContain("personal", await ExportAsync(other, format), StringComparison.Ordinal);
        }
    }

    private static async Task<string> ExportAsync(HttpClient client, string format)
    {
        var bytes = await client.GetByteArrayAsync("/api/imports/export?format=" + format, Stop);
        if (format != "xlsx")
        {
            return Encoding.UTF8.GetString(bytes);
        }

        using var workbook = new ZipArchive(new MemoryStream(bytes));
        using var sheet = workbook.Entries.Single(entry => entry.FullName.Contains("worksheets/", StringComparison.Ordinal)).Open();
        return await new StreamReader(sheet).ReadToEndAsync(Stop);
    }
}
