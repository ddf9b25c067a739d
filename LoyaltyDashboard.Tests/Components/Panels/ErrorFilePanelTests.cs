using System.Text;
using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class ErrorFilePanelTests : ComponentTests
{
    private const string Csv = "email,points,reason\nann@example.com,5,No such contact\nbob@example.com,x,Bad points\ncyd@example.com,7,No such contact\ndan@example.com,8,\n";

    private readonly TempDatabase _database = new();

    public ErrorFilePanelTests()
    {
        // All that is asked of it here.
        Directory.CreateDirectory(Path.GetDirectoryName(_database.Connection.DataSource)!);
        _database.Execute("CREATE TABLE forgotten (Hash BLOB PRIMARY KEY, At INTEGER)");
        Services.AddSingleton(_database.Connection).AddSingleton<KeyDirectory>().AddSingleton<PersonalHash>().AddSingleton<Forgotten>();
    }

    [Fact]
    public async Task Open_RowOfWhoWasForgotten_IsNotShown()
    {
        new Forgotten(_database.Connection, new PersonalHash(new KeyDirectory(_database.Connection))).Add("Ann@example.com", DateTimeOffset.UnixEpoch);
        var panel = await OpenedAsync(Csv);

        Assert.Equal(["bob@example.com", "cyd@example.com", "dan@example.com"], panel.FindAll("tbody tr td:first-child").Select(Text));
        Assert.Equal("3 rows in the file. 1 of them give no reason.", Text(panel.Find(".note")));
    }

    [Fact]
    public async Task Open_GoodFile_ShowsRankedReasonsAndRows()
    {
        var panel = await OpenedAsync(Csv);

        Assert.Equal(["2 No such contact", "1 Bad points"], panel.FindAll(".reasons li").Select(Text));
        Assert.Equal(["width:66.67%", "width:33.33%"], panel.FindAll(".share i").Select(bar => bar.GetAttribute("style")));
        Assert.Equal(["email", "points", "reason"], panel.FindAll("th").Select(Text));
        Assert.Equal("ann@example.com 5 No such contact", Text(panel.Find("tbody tr")));
        Assert.Equal(["No such contact", "Bad points", "No such contact", ""], panel.FindAll("td.mapped").Select(Text));
        Assert.Equal("4 rows in the file. 1 of them give no reason.", Text(panel.Find(".note")));
        Assert.Equal("Showing 4 of 4 rows", Text(panel.Find("[role=status]")));
        Assert.Equal("api/imports/error-file?id=" + Sample.Import.Id, panel.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public async Task Open_ByWhoSeesMasks_ShowsTheReasonsAndNoRow()
    {
        Reader = new("user:1", Role.Viewer, null, SeesClear: false);
        var panel = await OpenedAsync(Csv);

        Assert.Equal(["2 No such contact", "1 Bad points"], panel.FindAll(".reasons li").Select(Text));
        Assert.Equal("a•••@e•••.com 5 No such contact", Text(panel.Find("tbody tr")));
        Assert.DoesNotContain("@example", panel.Markup, StringComparison.Ordinal);
        Assert.Contains("Personal data in them are masked.", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_AreGoneOnceTheirReaderMaySeeThemNoMore()
    {
        var panel = await OpenedAsync(Csv);
        Reader = new("user:1", Role.Operator, null, SeesClear: false);

        panel.Render(p => p.Add(c => c.Detail, Sample.Detail()));

        Assert.DoesNotContain("@example", panel.Markup, StringComparison.Ordinal);
        Assert.Equal("Open the error file", panel.Find("button").TextContent);
    }

    [Fact]
    public async Task Open_AsksForThisImportAtItsSite()
    {
        (string, string)? asked = null;
        var panel = Panel((site, id) =>
        {
            asked = (site, id);
            return File(Csv);
        });

        await panel.Find("button").ClickAsync();

        panel.WaitForElement("table");
        Assert.Equal((Sample.Site.InstanceId, Sample.Import.Id), asked);
    }

    [Fact]
    public async Task Reason_Clicked_FiltersTheRowsAndClickedAgainShowsAll()
    {
        var panel = await OpenedAsync(Csv);

        await panel.Find(".reasons button").ClickAsync();
        Assert.Equal(["ann@example.com 5 No such contact", "cyd@example.com 7 No such contact"], panel.FindAll("tbody tr").Select(Text));
        Assert.Equal("Showing 2 of 2 rows with this reason", Text(panel.Find("[role=status]")));
        Assert.Equal(["true", "false"], panel.FindAll(".reasons button").Select(button => button.GetAttribute("aria-pressed")));

        await panel.Find(".reasons button").ClickAsync();
        Assert.Equal(4, panel.FindAll("tbody tr").Count);
    }

    [Fact]
    public async Task Reason_OnlyFarDownInTheFile_ShowsItsRows()
    {
        var panel = await OpenedAsync("email,reason\n" + string.Concat(Enumerable.Repeat("a,common\n", 300)) + "b,rare\n");
        Assert.Equal("Showing 200 of 301 rows", Text(panel.Find("[role=status]")));

        await panel.FindAll(".reasons button")[1].ClickAsync();

        Assert.Equal(["b rare"], panel.FindAll("tbody tr").Select(Text));
        Assert.Equal("Showing 1 of 1 row with this reason", Text(panel.Find("[role=status]")));
    }

    [Fact]
    public async Task Reason_TooFarDownToBeKept_SaysWhereItsRowsAre()
    {
        var panel = await OpenedAsync("email,reason\n" + string.Concat(Enumerable.Range(0, 420).Select(i => $"a,reason {i:000}\n")));
        await panel.Find(".all-reasons").ClickAsync();

        await panel.FindAll(".reasons button")[419].ClickAsync();

        Assert.Empty(panel.FindAll("table"));
        Assert.Equal("1 row with this reason, too far down in the file to be shown here: the download holds all", Text(panel.Find("[role=status]")));
    }

    [Fact]
    public async Task Reasons_Many_AreFoldedAndOpenedByAClick()
    {
        var panel = await OpenedAsync("reason\n" + string.Concat(Enumerable.Range(0, 1_100).Select(i => $"reason {i}\n")));
        Assert.Equal(8, panel.FindAll(".reasons li").Count);
        Assert.Equal("All 1,000+ reasons", Text(panel.Find(".all-reasons")));

        await panel.Find(".all-reasons").ClickAsync();

        Assert.Equal(1_001, panel.FindAll(".reasons li").Count);
        Assert.Equal("100 Other reasons", Text(panel.FindAll(".reasons li")[^1]));
    }

    [Fact]
    public async Task Open_NoColumnOfReasons_SaysThatThereIsNoRanking()
    {
        var panel = await OpenedAsync("email,points\nann@example.com,5\n");

        Assert.Empty(panel.FindAll(".reasons, .mapped"));
        Assert.Equal("1 row in the file. No column names a reason, so there is no ranking.", Text(panel.Find(".note")));
    }

    [Fact]
    public async Task Open_QuoteNeverClosed_SaysSo()
    {
        var panel = await OpenedAsync("a,reason\n1,first\n2,\"second\n" + new string('x', 600_000));

        Assert.Equal("1 row in the file. The rest cannot be read as a table: a quote is opened and never closed.", Text(panel.Find(".note")));
    }

    [Fact]
    public async Task Open_RaggedRowsAndMissingHeadings_ShowsEveryColumn()
    {
        var panel = await OpenedAsync("reason,\nx\ny,2,3\n");

        Assert.Equal(["reason", "Column 2", "Column 3"], panel.FindAll("th").Select(Text));
        Assert.Equal(["x – –", "y 2 3"], panel.FindAll("tbody tr").Select(Text));
    }

    [Fact]
    public async Task Open_WideFile_ShowsTheFirstColumnsAndSaysSo()
    {
        var panel = await OpenedAsync("reason" + new string(',', 149) + "\nx\n");

        Assert.Equal(100, panel.FindAll("th").Count);
        Assert.Equal("Showing 1 of 1 row, the first 100 of 150 columns", Text(panel.Find("[role=status]")));
    }

    [Fact]
    public async Task Open_NoRows_SaysSoAndOffersTheDownload()
    {
        var panel = Panel((_, _) => File("email,reason\n"));

        await panel.Find("button").ClickAsync();

        panel.WaitForElement("a[download]");
        Assert.Contains("The error file holds no rows.", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_HostileTexts_AreShownAsText()
    {
        var panel = await OpenedAsync($"email,reason {Sample.Hostile}\n{Sample.Hostile},{Sample.Hostile}\n");

        Assert.Empty(panel.FindAll("script"));
        Assert.Equal($"1 {Sample.HostileAsShown}", Text(panel.Find(".reasons li")));
        Assert.Equal($"reason {Sample.HostileAsShown}", Text(panel.FindAll("th")[1]));
        Assert.Equal(Sample.HostileAsShown, Text(panel.Find("td")));
        Assert.Equal(Sample.HostileAsShown, panel.Find("td").GetAttribute("title"));
    }

    [Fact]
    public async Task Open_Slow_ShowsASpinnerOnlyAfterAFifthOfASecond()
    {
        var file = new TaskCompletionSource<Stream>();
        var panel = Panel((_, _) => file.Task);

        var click = panel.Find("button").ClickAsync();
        await Clock.WaitBegunAsync(TimeSpan.FromMilliseconds(200));
        Assert.True(panel.Find("button").HasAttribute("disabled"));
        Clock.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Empty(panel.FindAll(".waiting"));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        panel.WaitForElement(".waiting");

        file.SetResult(await File(Csv));
        await click;
        panel.WaitForElement("table");
        Assert.Empty(panel.FindAll(".waiting"));
    }

    [Fact]
    public async Task Open_Fails_SaysWhyAndCanBeTriedAgain()
    {
        var tries = 0;
        var panel = Panel((_, _) => tries++ == 0 ? throw new ErrorFileException(ErrorFileFault.Unreachable, "Wix does not answer.") : File(Csv));

        await panel.Find("button").ClickAsync();
        panel.WaitForElement("[role=alert]");
        Assert.Equal(("Wix does not answer.", "Try again"), (Text(panel.Find("[role=alert]")), Text(panel.Find("button"))));

        await panel.Find("button").ClickAsync();
        panel.WaitForElement("table");
        Assert.Empty(panel.FindAll("[role=alert]"));
    }

    [Fact]
    public async Task Open_BreaksInTheMiddle_ShowsNoHalfTable()
    {
        var panel = Panel((_, _) => Task.FromResult<Stream>(new Breaking()));

        await panel.Find("button").ClickAsync();

        panel.WaitForElement("[role=alert]");
        Assert.Empty(panel.FindAll("table"));
    }

    [Fact]
    public void NoAppSecret_ButtonIsDisabledAndTheReasonStandsBeside()
    {
        var panel = Panel((_, _) => throw new NotSupportedException(), canOpen: false);

        Assert.True(panel.Find("button").HasAttribute("disabled"));
        Assert.Contains("no app secret is set", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public void NoSite_ButtonIsDisabledAndTheReasonStandsBeside()
    {
        var panel = Panel((_, _) => throw new NotSupportedException(), detail: Sample.Detail() with { Row = Sample.Row(Sample.Import) with { Site = null } });

        Assert.True(panel.Find("button").HasAttribute("disabled"));
        Assert.Contains("did not say which site", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WhileOpening_StopsAsking()
    {
        var (isAsked, isCancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        Services.AddSingleton(new ErrorFiles((_, _, cancellation) =>
        {
            cancellation.Register(isCancelled.SetResult);
            isAsked.SetResult();
            return new TaskCompletionSource<Uri>().Task.WaitAsync(cancellation);
        }, (_, _) => throw new NotSupportedException(), canOpen: true));
        var panel = Render<ErrorFilePanel>(p => p.Add(c => c.Detail, Sample.Detail()));
        var click = panel.Find("button").ClickAsync();
        await isAsked.Task.WaitAsync(Stop);

        await DisposeComponentsAsync();

        await isCancelled.Task.WaitAsync(Stop);
        await click.WaitAsync(Stop);
    }

    [Fact]
    public async Task Download_OddId_IsEscaped()
    {
        var panel = Panel((_, _) => File(Csv), detail: Sample.Detail(Sample.Import with { Id = "a/b ?&#" }));
        await panel.Find("button").ClickAsync();

        Assert.Equal("api/imports/error-file?id=a%2Fb%20%3F%26%23", panel.WaitForElement("a[download]").GetAttribute("href"));
    }

    private static Task<Stream> File(string text) => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        _database.Dispose();
    }

    private async Task<IRenderedComponent<ErrorFilePanel>> OpenedAsync(string text)
    {
        var panel = Panel((_, _) => File(text));
        await panel.Find("button").ClickAsync();
        panel.WaitForElement("table");
        return panel;
    }

    private IRenderedComponent<ErrorFilePanel> Panel(Func<string, string, Task<Stream>> open, bool canOpen = true, ImportDetail? detail = null)
    {
        var asked = (Site: string.Empty, Id: string.Empty);
        Services.AddSingleton(new ErrorFiles((site, id, _) =>
        {
            asked = (site, id);
            return Task.FromResult(new Uri("https://files.example/"));
        }, (_, _) => open(asked.Site, asked.Id), canOpen));
        return Render<ErrorFilePanel>(p => p.Add(c => c.Detail, detail ?? Sample.Detail()));
    }

    /// <summary>Breaks after the first row.</summary>
    private sealed class Breaking() : MemoryStream(Encoding.UTF8.GetBytes(Csv))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new ErrorFileException(ErrorFileFault.TooLarge, "Too large.");
    }
}
