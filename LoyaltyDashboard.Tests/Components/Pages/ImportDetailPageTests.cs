using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class ImportDetailPageTests : PageTests
{
    [Fact]
    public void Page_KnownImport_HasATitleAndEveryPanel()
    {
        Store(Sample.Import);

        var page = Open(Sample.Import.Id);

        Assert.Equal("members.csv", page.Find("h1").TextContent);
        Assert.Equal(["Life cycle", "Mapping", "Result", "Error file", "Sample rows", "File", "History", "Event"], page.FindAll("section.panel h2").Select(Text));
        Assert.Equal("Raw JSON", Text(page.Find("summary")));
        Assert.Contains("\"asyncImportJobId\": \"job-17\"", page.Find("pre").TextContent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void Page_NoErrorFile_HasNoPanelOfIt(bool? exists)
    {
        Store(Sample.Import with { ImportResult = new() { ErrorFileExists = exists } });

        Assert.DoesNotContain("Error file", Open(Sample.Import.Id).FindAll("section.panel h2").Select(Text));
    }

    [Fact]
    public void Page_OnlyTheIdIsKnown_IsShown()
    {
        Store(Sample.Bare);

        Assert.Equal($"Import {Sample.Bare.Id[..8]}", Open(Sample.Bare.Id).Find("h1").TextContent);
    }

    [Fact]
    public void Page_LongName_IsCutInTheHeadingAndWholeInTheFilePanel()
    {
        var name = new string('n', 1_000);
        Store(Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { Name = name } });

        var page = Open(Sample.Import.Id);

        Assert.Equal((121, name), (page.Find("h1").TextContent.Length, page.Find("h1").GetAttribute("title")));
        Assert.Contains(name, page.FindAll("dd").Select(Text));
    }

    [Fact]
    public void Page_LongNameCutInsideALetter_CutsBeforeIt()
    {
        Store(Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { Name = new string('n', 119) + "😀 and more" } });

        Assert.DoesNotContain(Open(Sample.Import.Id).Find("h1").TextContent, char.IsSurrogate);
    }

    [Fact]
    public void Page_UnknownId_SaysSoAndLeadsBackToTheList()
    {
        var page = Open("<b>nobody</b>\u202E", "?status=FAILED");

        Assert.Equal("No such import", page.Find("h1").TextContent);
        Assert.Contains("No import has the id <b>nobody</b>\uFFFD", Text(page.Find(".empty")), StringComparison.Ordinal);
        Assert.Equal("/?status=FAILED", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void Page_UnknownIdArrives_IsShown()
    {
        var page = Open(Sample.Import.Id);

        Arrive(Sample.Import);

        page.WaitForState(() => page.Find("h1").TextContent == "members.csv");
    }

    [Fact]
    public void Feed_ThisImportChanges_IsLoadedAgain()
    {
        Store(Sample.Import with { Status = "PARSING", Revision = "2" });
        var page = Open(Sample.Import.Id);
        Assert.Equal("Parsing", Text(page.Find(".head .status")));

        Arrive(Sample.Import);

        page.WaitForState(() => Text(page.Find(".head .status")) == "Imported");
        Assert.Equal(2, page.FindAll(".history li").Count);
    }

    [Fact]
    public void Feed_ManyImportsChange_IsLoadedAgain()
    {
        Store(Sample.Import with { Status = "PARSING", Revision = "2" });
        var page = Open(Sample.Import.Id);

        Store(Sample.Import);
        Feed.Publish([.. Enumerable.Range(0, 600).Select(i => $"other {i}")]);

        page.WaitForState(() => Text(page.Find(".head .status")) == "Imported");
    }

    [Fact]
    public async Task Neighbours_WithinTheFilteredList_AreLinkedAndReachedByKey()
    {
        Store(Failed("1"), Failed("2"), Sample.Import, Failed("3"));

        var page = Open("2", "?status=FAILED");

        Assert.Equal("/imports/3?status=FAILED", page.Find("a.previous").GetAttribute("href"));
        Assert.Equal("/imports/1?status=FAILED", page.Find("a.next").GetAttribute("href"));
        await page.InvokeAsync(() => page.Instance.OnKey("j"));
        Assert.EndsWith("/imports/1?status=FAILED", Navigation.Uri, StringComparison.Ordinal);
        await page.InvokeAsync(() => page.Instance.OnKey("u"));
        Assert.EndsWith("/?status=FAILED", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_AtTheEnds_AreNotLinked()
    {
        Store(Failed("1"));

        Assert.Empty(Open("1").FindAll("a.previous, a.next"));
    }

    [Fact]
    public void Page_AnotherImport_IsLoadedInItsPlace()
    {
        Store(Failed("1"), Sample.Import);
        var page = Open("1");

        page.Render(p => p.Add(c => c.Id, Sample.Import.Id));

        page.WaitForState(() => Text(page.Find(".head .status")) == "Imported");
    }

    [Fact]
    public void Page_FieldsThatCouldNotBeRead_AreNamed()
    {
        Store(Delivery("event") with
        {
            Observation = new() { Import = Sample.Import, Source = ObservationSource.Webhook, ObservedAt = Clock.GetUtcNow(), UnreadableFields = ["fileMetadata.size", "a\u202Eb"] },
        });

        Assert.StartsWith("Wix sent fileMetadata.size, a\uFFFDb in a form that could not be read.", Text(Open(Sample.Import.Id).Find(".notice")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_SiteWithAName_LinksToItsImports()
    {
        Store(NamedSite.Answer(Sample.Site.InstanceId, "Rosa's Café"));
        Store(Sample.Import);

        var site = Open(Sample.Import.Id).Find(".head a.quiet");

        Assert.Equal(("Rosa's Café", $"/?site={Sample.Site.InstanceId}"), (Text(site), site.GetAttribute("href")));
    }

    [Fact]
    public async Task Dispose_WhileWatching_StopsWatching()
    {
        Open("1");
        Assert.Equal(1, Feed.SubscriberCount);

        await DisposeComponentsAsync();

        Assert.Equal(0, Feed.SubscriberCount);
    }

    private static LoyaltyImport Failed(string id) => Sample.Import with { Id = id, Status = "FAILED" };

    private IRenderedComponent<ImportDetailPage> Open(string id, string query = "")
    {
        Navigation.NavigateTo($"/imports/{Uri.EscapeDataString(id)}{query}");
        var page = Render<ImportDetailPage>(p => p.Add(c => c.Id, id));
        page.WaitForState(() => page.FindAll("h1").Count == 1);
        return page;
    }
}
