using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class ImportListRowTests : ComponentTests
{
    [Fact]
    public void Row_Full_ShowsWhatTheListPromises()
    {
        var row = Row(Sample.Row(Sample.Import) with { ParseErrorReason = null });

        Assert.Equal("Imported", Text(row.Find(".c-status")));
        Assert.Equal("members.csv 20.9 KB", Text(row.Find(".c-file")));
        Assert.Equal("Rosa's Café", Text(row.Find(".c-site")));
        Assert.Equal("4,210", Text(row.Find(".num")));
        Assert.Equal("4,198 / 11 ⤓ error file", Text(row.Find(".c-result")));
        Assert.Equal("OK", Text(row.Find(".c-mapping")));
        Assert.Equal("Sample rows of members.csv", row.Find("button").GetAttribute("aria-label"));
        Assert.Empty(row.FindAll(".absent"));
    }

    [Fact]
    public void Row_OnlyTheId_SaysWhyEachIsAbsent()
    {
        var row = Row(Sample.Row(Sample.Bare) with { Site = null });

        Assert.Equal("Import 5b2d8c1e", Text(row.Find("a.file")));
        Assert.Equal(
            ["The event named no site", "Wix has not counted the rows yet", "Wix has not counted yet", "No mapping to judge yet"],
            row.FindAll(".absent").Select(dash => dash.GetAttribute("title")));
        Assert.DoesNotContain("0", Text(row.Find(".c-result")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5L, null, "5 / – (Wix has not counted yet)")]
    [InlineData(null, 5L, "– (Wix has not counted yet) / 5")]
    public void Row_OneOfTheCountsAbsent_SaysWhy(long? imported, long? failed, string shown) =>
        Assert.Equal(shown, Text(Row(Sample.Row(Sample.Import) with { SuccessCount = imported, FailureCount = failed, ErrorFileExists = null }).Find(".figures-inline")));

    [Theory]
    [InlineData(ImportStatus.Parsing, true)]
    [InlineData(ImportStatus.Parsed, true)]
    [InlineData(ImportStatus.Unknown, true)]
    [InlineData(ImportStatus.Imported, false)]
    [InlineData(ImportStatus.Failed, false)]
    public void Row_StatusThatMayBeOld_SaysHowOld(ImportStatus status, bool hasAge) =>
        Assert.Equal(hasAge, Row(Sample.Row(Sample.Import) with { Status = status }).FindAll(".c-status .follow ago-time").Count == 1);

    [Fact]
    public void Row_WixTestEvent_IsLabelled() => Assert.Contains("Wix test event", Text(Row(Sample.Row(Sample.Import) with { IsTestEvent = true }).Find(".c-file")), StringComparison.Ordinal);

    [Theory]
    [InlineData(0L, 0L, null, 0, 0)]
    [InlineData(1L, 9_999L, null, 1, 100)]
    [InlineData(long.MaxValue, long.MaxValue, null, 50, 50)]
    [InlineData(-5L, 10L, null, 0, 100)]
    [InlineData(310L, null, 500L, 62, 0)]
    [InlineData(490L, 10L, 500L, 98, 2)]
    [InlineData(5L, 5L, -1L, 50, 50)]
    public void Row_Meter_ShowsEveryPartThatIsThereAndLeavesOpenWhatIsNotCountedYet(long imported, long? failed, long? rows, int ok, int bad)
    {
        var widths = Row(Sample.Row(Sample.Import) with { SuccessCount = imported, FailureCount = failed, ParsedRowCount = rows }).FindAll(".meter i").Select(i => i.GetAttribute("style"));

        Assert.Equal([$"width:{ok}%", $"width:{bad}%"], widths);
    }

    [Fact]
    public void Row_IsDrawnAgainOnlyWhenItSaysSomethingElse()
    {
        var row = Row(Sample.Row(Sample.Import));

        row.Render(p => p.Add(c => c.Row, Sample.Row(Sample.Import)).Add(c => c.OnExpand, _ => { }));
        Assert.Equal(1, row.RenderCount);

        row.Render(p => p.Add(c => c.Row, Sample.Row(Sample.Import) with { SuccessCount = 1 }));
        Assert.Equal(2, row.RenderCount);
        Assert.StartsWith("1 /", Text(row.Find(".figures-inline")), StringComparison.Ordinal);

        row.Render(p => p.Add(c => c.IsOpen, true));
        Assert.Equal("true", row.Find("button").GetAttribute("aria-expanded"));
    }

    private IRenderedComponent<ImportListRow> Row(ImportRow row) => Render<ImportListRow>(p => p.Add(c => c.Row, row));
}
