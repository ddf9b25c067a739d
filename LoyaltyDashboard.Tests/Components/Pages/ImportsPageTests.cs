using AngleSharp.Dom;
using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class ImportsPageTests : PageTests
{
    private static readonly LoyaltyImport _failed = Sample.Import with { Id = "failed", Status = "FAILED", FileMetadata = Sample.Import.FileMetadata! with { Name = "failed.csv" } };
    private static readonly LoyaltyImport _imported = Named("imported");

    [Fact]
    public void Page_Default_ListsNewestFirst()
    {
        Store(Named("old"), Named("new"));

        var page = Open();

        Assert.Equal(["new.csv", "old.csv"], Files(page));
        Assert.Equal("Imports", page.Find("h1").TextContent);
        Assert.Equal("descending", page.FindAll("th").Single(th => Text(th).StartsWith("Arrived", StringComparison.Ordinal)).GetAttribute("aria-sort"));
    }

    [Fact]
    public void Page_FilterInTheAddress_DrivesTheList()
    {
        Store(_failed, _imported);

        var page = Open("?status=FAILED");

        Assert.Equal(["failed.csv"], Files(page));
        Assert.Equal(["Failed ×"], page.FindAll(".chip").Select(Text));
        Assert.Equal("imports/failed?status=FAILED", page.Find("a.file[href^=imports]").GetAttribute("href"));
    }

    [Fact]
    public void Page_AddressChanges_ListsWhatItSays()
    {
        Store(_failed, _imported);
        var page = Open();

        Navigation.NavigateTo("/?q=failed");
        page.WaitForState(() => Files(page) is ["failed.csv"]);
        Navigation.NavigateTo("/");

        page.WaitForState(() => Files(page).Count == 2);
    }

    [Fact]
    public void Page_UnknownValueInTheAddress_SaysSoAndListsTheDefault()
    {
        Store(_failed);

        var page = Open("?status=EXPLODED&colour=red");

        Assert.Equal(["failed.csv"], Files(page));
        Assert.Equal(2, page.FindAll(".notice div").Count);
        Assert.StartsWith("The address says \"status\", which must be one of UNKNOWN, INITIATED", Text(page.FindAll(".notice div")[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chip_Removed_TakesItsFilterOutOfTheAddress()
    {
        Store(_failed);
        var page = Open("?status=FAILED&mapping=healthy&sort=file");

        await page.Find("[aria-label='Remove Failed']").ClickAsync();

        Assert.EndsWith("/?mapping=healthy&sort=file", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clear_Clicked_KeepsOnlyTheOrder()
    {
        Store(_failed);
        var page = Open("?status=FAILED&sort=file&dir=asc");

        await page.FindAll("button").Single(button => Text(button) == "Clear").ClickAsync();

        Assert.EndsWith("/?sort=file&dir=asc", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heading_Clicked_SortsWordsFromAAndTurns()
    {
        Store(Named("a"), Named("b"));
        var page = Open();

        await Heading(page, "File").ClickAsync();
        page.WaitForState(() => Files(page) is ["a.csv", "b.csv"] && Navigation.Uri.EndsWith("?sort=file&dir=asc", StringComparison.Ordinal));
        await Heading(page, "File").ClickAsync();

        page.WaitForState(() => Files(page) is ["b.csv", "a.csv"]);
        Assert.EndsWith("?sort=file", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_Typed_IsAskedOnceTheTypingRests()
    {
        Store(_failed, _imported);
        var page = Open();

        var rest = TimeSpan.FromMilliseconds(250);
        var first = page.Find("#search").InputAsync("fai");
        await Clock.WaitBegunAsync(rest);
        Clock.Advance(rest / 2);
        var second = page.Find("#search").InputAsync("failed");
        await Clock.WaitBegunAsync(rest);
        Clock.Advance(rest / 2);
        Assert.DoesNotContain("q=", Navigation.Uri, StringComparison.Ordinal);
        Clock.Advance(rest / 2);
        await Task.WhenAll(first, second);

        page.WaitForState(() => Files(page) is ["failed.csv"]);
        Assert.EndsWith("?q=failed", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_TypedOnWhileTheListLoads_IsNotOverwritten()
    {
        Store(_failed, _imported);
        var page = Open();
        var rest = TimeSpan.FromMilliseconds(250);
        var first = page.Find("#search").InputAsync("fai");
        await Clock.WaitBegunAsync(rest);
        Clock.Advance(rest);
        await first;

        _ = page.Find("#search").InputAsync("failed");
        page.WaitForState(() => Files(page) is ["failed.csv"]);

        Assert.Equal("failed", page.Find("#search").GetAttribute("value"));
    }

    [Fact]
    public async Task Search_Cleared_EmptiesTheField()
    {
        Store(_failed);
        var page = Open("?q=failed");
        Assert.Equal("failed", page.Find("#search").GetAttribute("value"));

        await page.FindAll("button").Single(button => Text(button) == "Clear").ClickAsync();

        page.WaitForState(() => string.IsNullOrEmpty(page.Find("#search").GetAttribute("value")));
    }

    [Fact]
    public void Empty_NothingHasCome_SaysWhatToDoNext()
    {
        var page = Open();

        Assert.Contains("No import has arrived yet", Text(page.Find(".empty")), StringComparison.Ordinal);
        Assert.Equal("http://localhost/webhooks/wix", page.Find(".empty code").TextContent);
    }

    [Fact]
    public async Task Empty_NothingMatches_OffersToClear()
    {
        Store(_failed);
        var page = Open("?status=PARSING");

        Assert.Contains("Nothing matches", Text(page.Find(".empty")), StringComparison.Ordinal);
        await page.Find(".empty button").ClickAsync();

        page.WaitForState(() => Files(page) is ["failed.csv"]);
    }

    [Theory]
    [InlineData("?page=7", "")]
    [InlineData("?status=FAILED&page=7", "?status=FAILED")]
    public void Empty_PagePastTheLast_LeadsToTheFirst(string query, string first)
    {
        Store(_failed);

        var page = Open(query);

        Assert.Contains("There is no page 7", Text(page.Find(".empty")), StringComparison.Ordinal);
        Assert.Equal(first, page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public async Task Error_DatabaseUnreadable_SaysSoAndTriesAgain()
    {
        Store(_failed);
        IRenderedComponent<ImportsPage> page;
        using (BreakDatabase())
        {
            page = Open();
            Assert.Contains("The list could not be read", Text(page.Find("[role=alert]")), StringComparison.Ordinal);
            Assert.DoesNotContain("SQLite", page.Markup, StringComparison.Ordinal);
        }

        await page.Find("[role=alert] button").ClickAsync();

        page.WaitForState(() => Files(page) is ["failed.csv"]);
    }

    [Fact]
    public void Figures_TakeLong_ListIsThereBeforeThem()
    {
        Store(_failed);
        Execute("UPDATE sites SET Name = 'Café'");
        var figures = HoldFigures();

        var page = Open($"?site={Sample.Site.InstanceId}");

        Assert.Equal(["failed.csv"], Files(page));
        Assert.Equal("Arrived 24 h …", Text(page.Find(".tile")));
        Assert.NotEqual("Site: Café ×", Text(page.Find(".chip")));
        figures.SetResult();
        page.WaitForState(() => Text(page.Find(".tile")) == "Arrived 24 h 1");
        Assert.Equal("Site: Café ×", Text(page.Find(".chip")));
    }

    [Fact]
    public void Figures_Unreadable_ListIsShownAllTheSame()
    {
        Store(_failed);
        HoldFigures().SetException(new SqliteException("disk I/O error", 10));

        var page = Open();

        Assert.Equal(["failed.csv"], Files(page));
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Fact]
    public async Task Error_DatabaseUnreadableWhileExpanding_SaysSo()
    {
        Store(_failed);
        var page = Open();
        using var broken = BreakDatabase();

        await page.Find("button.expand").ClickAsync();

        page.WaitForState(() => page.FindAll("[role=alert]").Count == 1);
    }

    [Fact]
    public void Feed_NewImport_ComesInOnTopAndGlows()
    {
        Store(Named("old"));
        var page = Open();

        Arrive(Named("new"));

        page.WaitForState(() => Files(page) is ["new.csv", "old.csv"]);
        Assert.Equal(["new"], page.FindAll("tr.fresh").Select(row => row.GetAttribute("data-id")));
        page.WaitForState(() => Text(page.Find(".tile")) == "Arrived 24 h 2");
    }

    [Fact]
    public void Feed_ShownImportChanges_ChangesInPlace()
    {
        Store(Named("one") with { Revision = "1", Status = "PARSING" }, Named("two"));
        var page = Open();

        Arrive(Named("one") with { Revision = "2", Status = "FAILED" });

        page.WaitForState(() => Text(page.Find("tr[data-id=one] .status")) == "Failed");
        Assert.Equal(["two.csv", "one.csv"], Files(page));
    }

    [Fact]
    public async Task Feed_PointerOnTheTable_HoldsTheRowsUntilItLeaves()
    {
        Store(Named("old"));
        var page = Open();
        await page.InvokeAsync(() => page.Instance.OnPointer(true));

        Arrive(Named("new"));
        page.WaitForState(() => page.FindAll(".pill").Count == 1);

        Assert.Equal("1 new", Text(page.Find(".pill")));
        Assert.Equal(["old.csv"], Files(page));
        await page.InvokeAsync(() => page.Instance.OnPointer(false));
        Assert.Equal(["new.csv", "old.csv"], Files(page));
        Assert.Empty(page.FindAll(".pill"));
    }

    [Fact]
    public async Task Feed_OtherOrder_WaitsInAPillThatLeadsToTheNewest()
    {
        Store(Named("old"));
        var page = Open("?sort=file");

        Arrive(Named("new"));
        page.WaitForState(() => page.FindAll(".pill").Count == 1);
        await page.Find(".pill button").ClickAsync();

        page.WaitForState(() => Files(page) is ["new.csv", "old.csv"]);
        Assert.EndsWith("localhost/", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pause_ArrivalsMeanwhile_AreCountedAndShownOnGoingOn()
    {
        Store(Named("old"));
        var page = Open();
        await page.Find("button.pause").ClickAsync();

        Arrive(Named("new"));
        page.WaitForState(() => Text(page.Find("button.pause")) == "Go on · 1 new");
        Arrive(Named("newer"));
        page.WaitForState(() => Text(page.Find("button.pause")) == "Go on · 2 new");

        Assert.Equal(["old.csv"], Files(page));
        Assert.Equal("true", page.Find("button.pause").GetAttribute("aria-pressed"));
        Assert.StartsWith("Paused", Text(page.Find(".live")), StringComparison.Ordinal);

        await page.Find("button.pause").ClickAsync();
        Assert.Equal(["newer.csv", "new.csv", "old.csv"], Files(page));
        Assert.Equal("Pause", Text(page.Find("button.pause")));
    }

    [Fact]
    public async Task Expand_Row_ShowsItsSamplesAndHoldsTheList()
    {
        Store(Named("one"));
        var page = Open("?sort=arrived");

        await page.Find("button.expand").ClickAsync();

        Assert.Equal("true", page.Find("button.expand").GetAttribute("aria-expanded"));
        Assert.Contains("ann@example.com", Text(page.Find("tr.detail")), StringComparison.Ordinal);
        Assert.Equal("imports/one", page.Find("tr.detail a").GetAttribute("href"));
        Arrive(Named("two"));
        page.WaitForState(() => page.FindAll(".pill").Count == 1);
        await page.Find("button.expand").ClickAsync();
        Assert.Empty(page.FindAll("tr.detail"));
    }

    [Fact]
    public void Announcements_ManyArrivals_AreGatheredForTenSeconds()
    {
        var page = Open();
        Arrive(Named("1"));
        page.WaitForState(() => Announced(page) == "One import arrived");

        Arrive(Named("2"));
        page.WaitForState(() => Files(page).Count == 2);
        Arrive(Named("3"));
        page.WaitForState(() => Files(page).Count == 3);
        Clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal("One import arrived", Announced(page));

        Clock.Advance(TimeSpan.FromSeconds(0.1));
        page.WaitForState(() => Announced(page) == "2 imports arrived");
    }

    [Fact]
    public void Announcements_SameWordsAgain_DifferForTheScreenReader()
    {
        var page = Open();
        Arrive(Named("1"));
        page.WaitForState(() => Announced(page) == "One import arrived");
        var first = page.Find("[aria-live=polite]").TextContent;

        Clock.Advance(TimeSpan.FromSeconds(10));
        Arrive(Named("2"));

        page.WaitForState(() => page.Find("[aria-live=polite]").TextContent != first);
        Assert.Equal("One import arrived", Announced(page));
    }

    [Fact]
    public async Task Expand_RowIsParsedMeanwhile_ShowsItsSamples()
    {
        var born = Sample.Import with { Revision = "1", Status = "INITIATED", FileMetadata = Sample.Import.FileMetadata! with { SampleDataRows = [] } };
        Store(born);
        var page = Open();
        await page.Find("button.expand").ClickAsync();
        Assert.Empty(page.FindAll("tr.detail td.sample, tr.detail tbody td"));

        Arrive(Sample.Import with { Revision = "2", Status = "PARSED" });

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("tr.detail tbody td")));
    }

    [Fact]
    public async Task Keys_MoveOpenAndExpand()
    {
        Store(Named("old"), Named("new"));
        var page = Open();

        await Press(page, "j", "j", "j", "k");
        Assert.Equal("new", page.Find("tr.current").GetAttribute("data-id"));
        await Press(page, "j", "x");
        Assert.Single(page.FindAll("tr.detail"));
        await Press(page, "Escape");
        Assert.Empty(page.FindAll("tr.detail"));
        await Press(page, "p");
        Assert.Equal("Go on", Text(page.Find("button.pause")));
        await Press(page, "Enter");
        Assert.EndsWith("/imports/old", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_NoRowChosen_OpenNothing()
    {
        Store(Named("one"));
        var page = Open();

        await Press(page, "Enter", "o", "x", "Escape", "k");

        Assert.EndsWith("localhost/", Navigation.Uri, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("tr.detail"));
    }

    [Fact]
    public async Task Filters_ChosenInAMenu_GoIntoTheAddress()
    {
        Store(_failed, _imported);
        _ = Popovers;
        var page = Open();

        var choices = await OpenMenuAsync(page.FindComponents<FilterMenu<ImportStatus>>()[0], ".menu");
        await choices.Single(choice => Text(choice) == "Failed").ClickAsync();

        page.WaitForState(() => Files(page) is ["failed.csv"]);
        Assert.EndsWith("/?status=FAILED", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filters_SitesMenu_ListsThemWhenOpened()
    {
        Store(_failed);
        _ = Popovers;
        var page = Open();
        var menu = page.FindComponents<FilterMenu<string>>().Single(m => m.Instance.Label == "Site");
        Assert.Null(menu.Instance.Choices);

        var choices = await OpenMenuAsync(menu, ".menu");

        Assert.Equal([(Sample.Site.InstanceId, Text(choices.Single()))], menu.Instance.Choices);
    }

    [Fact]
    public void Filters_SitesMenu_HasOtherChoicesOnlyWhenTheSitesAreOthers()
    {
        Store(_failed);
        _ = Popovers;
        var page = Open($"?site={Sample.Site.InstanceId}");
        var menu = page.FindComponents<FilterMenu<string>>().Single(m => m.Instance.Label == "Site");
        page.WaitForState(() => Text(page.Find(".tile")) == "Arrived 24 h 1");
        var choices = menu.Instance.Choices;
        Assert.NotNull(choices);

        Arrive(Named("second"));
        page.WaitForState(() => Text(page.Find(".tile")) == "Arrived 24 h 2");
        Assert.Same(choices, menu.Instance.Choices);

        Execute("UPDATE sites SET Name = 'Café'");
        Arrive(Named("third"));
        page.WaitForState(() => Text(page.Find(".tile")) == "Arrived 24 h 3");
        Assert.Equal([(Sample.Site.InstanceId, "Café")], menu.Instance.Choices);
    }

    [Fact]
    public async Task Pager_OtherPageSize_GoesIntoTheAddress()
    {
        Store(_failed);
        var page = Open("?status=FAILED");

        await page.Find(".pager select").ChangeAsync("25");

        Assert.EndsWith("/?status=FAILED&pageSize=25", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WhileWatching_StopsWatching()
    {
        Open();
        Assert.Equal(1, Feed.SubscriberCount);

        await DisposeComponentsAsync();

        Assert.Equal(0, Feed.SubscriberCount);
    }

    private static LoyaltyImport Named(string name) => Sample.Import with { Id = name, FileMetadata = Sample.Import.FileMetadata! with { Name = name + ".csv" } };

    private static List<string> Files(IRenderedComponent<ImportsPage> page) => [.. page.FindAll("tr.row a.file").Select(Text)];

    private static string Announced(IRenderedComponent<ImportsPage> page) => Text(page.Find("[aria-live=polite]"));

    private static IElement Heading(IRenderedComponent<ImportsPage> page, string name) => page.FindAll("th button").Single(button => Text(button).StartsWith(name, StringComparison.Ordinal));

    private static async Task Press(IRenderedComponent<ImportsPage> page, params string[] keys)
    {
        foreach (var key in keys)
        {
            await page.InvokeAsync(() => page.Instance.OnKey(key));
        }
    }

    /// <summary>The list is read; what comes after it waits for the answer, or fails with it. Say so before the page is opened.</summary>
    private TaskCompletionSource HoldFigures()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Services.AddSingleton<IDbContextFactory<DashboardDb>>(services => new HeldAfterTheList(services.GetRequiredService<DbContextOptions<DashboardDb>>(), gate.Task));
        return gate;
    }

    private IRenderedComponent<ImportsPage> Open(string query = "")
    {
        Navigation.NavigateTo("/" + query);
        var page = Render<ImportsPage>();
        page.WaitForState(() => page.FindAll("[aria-busy]").Count == 0);
        return page;
    }
    private sealed class HeldAfterTheList(DbContextOptions<DashboardDb> options, Task gate) : IDbContextFactory<DashboardDb>
    {
        private int _given;

        public DashboardDb CreateDbContext() => throw new NotSupportedException();

        public async Task<DashboardDb> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _given) > 1)
            {
                await gate.WaitAsync(cancellationToken);
            }

            return new DashboardDb(options);
        }
    }
}
