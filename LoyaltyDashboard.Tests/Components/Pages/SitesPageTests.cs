using Bunit;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class SitesPageTests : PageTests
{
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(5);

    [Fact]
    public void Page_NothingArrived_SaysWhatToDo() => Assert.Contains("No import has arrived yet", Text(Open().Find(".empty")), StringComparison.Ordinal);

    [Fact]
    public void Page_EveryLink_SaysItInAWordAndProblemsStandFirst()
    {
        foreach (var (link, name) in (ReadOnlySpan<(SiteLink, string?)>)[(SiteLink.Removed, "A"), (SiteLink.Connected, "B"), (SiteLink.Unreachable, "C"), (SiteLink.Limited, "D"), (SiteLink.NotAsked, "E"), (SiteLink.NotUnderstood, "F"), (SiteLink.Refused, "G")])
        {
            Store(Answer(link, name));
        }

        var page = Open();

        Assert.Equal(
            ["G Refused", "F Not understood", "C Not reachable", "B Connected", "D Slowed down", "E Not asked yet", "A App removed"],
            page.FindAll("tr.row").Select(row => $"{Text(row.QuerySelector(".c-site a.file")!)} {Text(row.QuerySelector(".c-link .status")!)}"));
        Assert.Distinct(page.FindAll(".c-link svg").Select(svg => svg.InnerHtml));
    }

    [Fact]
    public void Page_SiteWithImports_ShowsWhatIsKnown()
    {
        Store(Sample.Import, Sample.Import with { Id = "2", Status = "PARSING" }, Sample.Import with { Id = "3", Status = "PARSED" });
        Store(Answer(SiteLink.Unreachable, "Rosa's Café", Sample.Site.InstanceId) with { Reason = "No route.", OddAnswers = 2, OddAnswer = "Half an import." });
        Store(Answer(SiteLink.Connected, "Quiet", "quiet"));

        var row = Row(Open(), "Rosa's Café");

        Assert.Equal("/?site=" + Sample.Site.InstanceId, row.QuerySelector("a.file")!.GetAttribute("href"));
        Assert.Equal($"Rosa's Café · {Sample.Site.InstanceId}", row.QuerySelector(".c-site")!.GetAttribute("title"));
        Assert.Equal("3 imports 2 unfinished", Text(row.QuerySelector(".c-imports")!));
        Assert.Equal(LoyaltyDashboard.Components.Controls.Format.At(Clock.GetUtcNow()), row.QuerySelector(".c-event ago-time")!.GetAttribute("at"));
        Assert.Equal("Wix has not answered for this site yet", row.QuerySelector(".c-since .absent")!.GetAttribute("title"));
        Assert.Equal(("2 odd answers", "Half an import."), (Text(row.QuerySelector(".tag.odd")!), row.QuerySelector(".tag.odd")!.GetAttribute("title")));
        Assert.Equal("for No route.", Text(row.QuerySelector(".c-link .second")!));
        Assert.Equal("0 / 200 requests", Text(row.QuerySelector(".c-used")!));
    }

    [Fact]
    public void Page_SiteWithoutImports_IsThereToo()
    {
        Store(Answer(SiteLink.Connected, "Quiet"));

        var row = Row(Open(), "Quiet");

        Assert.Equal("0 imports", Text(row.QuerySelector(".c-imports")!));
        Assert.Equal("No import of this site has arrived yet", row.QuerySelector(".c-event .absent")!.GetAttribute("title"));
        Assert.NotNull(row.QuerySelector(".c-since ago-time"));
        Assert.Null(row.QuerySelector(".tag.odd"));
    }

    [Theory]
    [InlineData(SiteLink.Refused, "Asked no more until the next start, or until you ask")]
    [InlineData(SiteLink.Removed, "Asked no more until the site is heard of again")]
    public void NextQuestion_None_SaysWhy(SiteLink link, string why)
    {
        Store(Answer(link, "A"));

        Assert.Equal(why, Open().Find(".c-next .absent").GetAttribute("title"));
    }

    [Fact]
    public void NextQuestion_SiteRests_IsWhenItHasRested()
    {
        var rested = Clock.GetUtcNow().AddMinutes(3);
        Store(Answer(SiteLink.Limited, "A") with { NotBefore = rested });

        Assert.Equal(LoyaltyDashboard.Components.Controls.Format.At(rested), Open().Find(".c-next ago-time[due]").GetAttribute("at"));
    }

    [Fact]
    public void Page_NoAppSecret_SaysWhatToSetAndStillLists()
    {
        HasAppSecret = false;
        Store(Answer(SiteLink.Connected, "A"), Answer(SiteLink.Removed, "B"));

        var page = Open();

        Assert.Equal(["Not followed no app secret set", "App removed for A reason."], page.FindAll(".c-link").Select(Text));

        Assert.Contains("Imports are received, but not followed: set Wix:AppId and Wix:AppSecret", Text(page.Find(".notice")), StringComparison.Ordinal);
        Assert.Equal("Not followed: no app secret set", page.Find(".c-next .absent").GetAttribute("title"));
        Assert.True(page.Find("button.ask").HasAttribute("disabled"));
    }

    [Fact]
    public void Page_WithAppSecret_HasNoNotice()
    {
        Store(Answer(SiteLink.NotAsked, "A"));

        Assert.Empty(Open().FindAll(".notice"));
    }

    [Theory]
    [InlineData("https://rosa.example/shop", "https://rosa.example/shop")]
    [InlineData("http://rosa.example", "http://rosa.example/")]
    [InlineData("javascript:alert(1)", null)]
    [InlineData("data:text/html,<script>alert(1)</script>", null)]
    [InlineData("//rosa.example", null)]
    [InlineData("rosa.example", null)]
    [InlineData("ftp://rosa.example", null)]
    [InlineData("https://rosa.example@evil.example", null)]
    public void Address_IsALinkOnlyWhereAClickCanOnlyOpenAPage(string url, string? href)
    {
        Store(Answer(SiteLink.Connected, "A") with { SiteUrl = url });

        var address = Open().Find(".c-site .second");
        var link = address.QuerySelector("a");

        Assert.Equal((href, href is null ? null : "noopener noreferrer"), (link?.GetAttribute("href"), link?.GetAttribute("rel")));
        Assert.Equal(href is null ? url : url.Replace("https://", string.Empty, StringComparison.Ordinal), address.TextContent.Trim());
    }

    [Fact]
    public void Page_HostileNameAndReason_AreText()
    {
        Store(Answer(SiteLink.Refused, Sample.Hostile) with { SiteUrl = "https://a.example/\u202Egnp", Reason = Sample.Hostile, OddAnswers = 1, OddAnswer = Sample.Hostile });

        var row = Open().Find("tr.row");

        Assert.Empty(row.QuerySelectorAll("script"));
        Assert.Equal((Sample.HostileAsShown, Sample.HostileAsShown), (row.QuerySelector("a.file")!.TextContent, row.QuerySelector(".reason")!.TextContent));
        Assert.DoesNotContain('\u202E', row.OuterHtml);
        Assert.DoesNotContain('\u0007', row.OuterHtml);
    }

    [Fact]
    public void Page_NameNotKnown_ShowsBothEndsOfTheId()
    {
        Store(Answer(SiteLink.NotAsked, null, Sample.Site.InstanceId));

        var site = Open().Find(".c-site");

        Assert.Equal(("Site f1a2…0001", Sample.Site.InstanceId), (Text(site), site.GetAttribute("title")));
    }

    [Fact]
    public async Task Refresh_Clicked_MakesAllOfTheSiteDueAndSaysSo()
    {
        Store(Answer(SiteLink.Refused, "A"));
        await StartWriterAsync();
        var page = Open();

        await page.Find("button.ask").ClickAsync();

        var message = Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars);
        Assert.Equal(("Wix is being asked; what changes shows as it comes.", Severity.Success), (message.Message, message.Severity));
        Assert.Equal("Not asked yet", Text(page.Find(".c-link .status")));
        Assert.Equal(LoyaltyDashboard.Components.Controls.Format.At(Clock.GetUtcNow()), page.Find(".c-next ago-time").GetAttribute("at"));
    }

    [Fact]
    public async Task Refresh_WriterRefuses_SaysSo()
    {
        Store(Answer(SiteLink.Connected, "A"));
        Services.GetRequiredService<IngestQueue>().Close();
        var page = Open();

        await page.Find("button.ask").ClickAsync();

        var message = Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars);
        Assert.Equal(("The database is busy or full; try again in a moment.", Severity.Warning), (message.Message, message.Severity));
    }

    [Fact]
    public void Beat_LinkChanges_IsShownWithoutAnImport()
    {
        Store(Answer(SiteLink.Connected, "A"));
        var page = Open();
        Store(Answer(SiteLink.Refused, "A"));

        Clock.Advance(_beat);

        page.WaitForState(() => Text(page.Find(".c-link .status")) == "Refused");
    }

    [Fact]
    public void Feed_ImportArrives_IsCounted()
    {
        Store(Answer(SiteLink.Connected, "A", Sample.Site.InstanceId));
        var page = Open();

        Arrive(Sample.Import);

        page.WaitForState(() => Text(page.Find(".c-imports")) == "1 import");
    }

    [Fact]
    public async Task Pointer_OverTheTable_FiguresChangeAndPlacesDoNot()
    {
        Store(Answer(SiteLink.Connected, "A"), Answer(SiteLink.Connected, "B"));
        var page = Open();
        await page.InvokeAsync(() => page.Instance.OnPointer(true));
        Store(Answer(SiteLink.Refused, "B"));

        Clock.Advance(_beat);

        page.WaitForState(() => page.FindAll(".c-link .status").Select(Text).SequenceEqual(["Connected", "Refused"]));
        Assert.Equal("In another order now", Text(page.Find(".pill")));
        await page.InvokeAsync(() => page.Instance.OnPointer(false));
        Assert.Equal(["Refused", "Connected"], page.FindAll(".c-link .status").Select(Text));
        Assert.Empty(page.FindAll(".pill"));
    }

    [Fact]
    public void Paging_MoreThanAPage_GoesOnOnTheNext()
    {
        Store([.. Enumerable.Range(1, SitesPage.PageSize + 1).Select(i => Answer(SiteLink.Connected, $"Site {i:000}"))]);

        Assert.Equal("sites?page=2", Open().Find("a.next").GetAttribute("href"));
        Assert.Equal(["Site 051"], Open("?page=2").FindAll("a.file").Select(Text));
        Assert.Equal("There is no page 3 To the first page", Text(Open("?page=3").Find(".empty")));
    }

    [Theory]
    [InlineData("minus")]
    [InlineData("0")]
    [InlineData("1000001")]
    public void Paging_PageThatCannotBe_IsTheFirstAndSaysSo(string number)
    {
        Store(Answer(SiteLink.Connected, "A"));

        var page = Open("?page=" + number);

        Assert.Single(page.FindAll("tr.row"));
        Assert.Contains("whole number from 1 to 1000000", Text(page.Find(".notice")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Database_DoesNotAnswer_SaysSoAndComesBack()
    {
        Store(Answer(SiteLink.Connected, "A"));
        IRenderedComponent<SitesPage> page;
        using (BreakDatabase())
        {
            page = Open();
            Assert.Contains("The sites could not be read", Text(page.Find("[role=alert]")), StringComparison.Ordinal);
        }

        await page.Find("[role=alert] button").ClickAsync();

        Assert.Single(page.FindAll("tr.row"));
    }

    [Fact]
    public async Task Dispose_WhileWatching_StopsWatching()
    {
        Open();
        Assert.Equal(1, Feed.SubscriberCount);

        await DisposeComponentsAsync();

        Assert.Equal(0, Feed.SubscriberCount);
    }

    private SiteAnswer Answer(SiteLink link, string? name, string? instanceId = null) => new()
    {
        InstanceId = instanceId ?? $"instance of {name}",
        At = Clock.GetUtcNow(),
        Link = link,
        Reason = link == SiteLink.Connected ? null : "A reason.",
        SiteName = name,
    };

    private static AngleSharp.Dom.IElement Row(IRenderedComponent<SitesPage> page, string name) => page.FindAll("tr.row").Single(row => Text(row.QuerySelector("a.file")!) == name);

    private IRenderedComponent<SitesPage> Open(string query = "")
    {
        Navigation.NavigateTo("/sites" + query);
        var page = Render<SitesPage>();
        page.WaitForState(() => page.FindAll("[aria-busy]").Count == 0);
        return page;
    }
}
