using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class TileBarTests : ComponentTests
{
    private static readonly ImportTiles _tiles = new(128, [0, 3, .. Enumerable.Repeat(1, 22)], 6, 11, 3, 48_210, 572);

    [Fact]
    public void Tiles_Loaded_ShowFiguresAndShare()
    {
        var tiles = Tiles(_tiles).FindAll("a.tile").Select(Text);

        Assert.Equal(["Arrived 24 h 128", "Moving 6", "Waiting for Execute 11", "Failed 3", "Rows imported 48,210", "Rows failed 572 1.2 %"], tiles);
    }

    [Fact]
    public void Tiles_NotLoaded_ClaimNoFigure() => Assert.All(Tiles(null).FindAll(".value"), value => Assert.Equal("…", Text(value)));

    [Theory]
    [InlineData(0L, 100L, "")]
    [InlineData(1L, 1_000_000L, "under 0.1 %")]
    [InlineData(5L, 0L, "100.0 %")]
    public void Tiles_ShareOfFailedRows_IsRoundedWithoutHidingAny(long failed, long imported, string share) =>
        Assert.Equal(share, Text(Tiles(_tiles with { RowsFailed = failed, RowsImported = imported }).FindAll("small")[^1]));

    [Fact]
    public void Tiles_EachIsAFilterThatTheListUnderstands() => Assert.All(Tiles(_tiles).FindAll("a.tile"), tile =>
    {
        var parsed = ImportFilterQuery.Parse(tile.GetAttribute("href"));
        Assert.Empty(parsed.Faults);
        Assert.Equal(tile.GetAttribute("href"), ImportFilterQuery.Write(parsed.Filter));
    });

    [Fact]
    public void Tiles_FilterIsOn_OneIsMarkedAndLeadsBack()
    {
        var on = Assert.Single(Tiles(_tiles, "?status=FAILED&from=-24h").FindAll("[aria-current=true]"));

        Assert.Equal("Failed", Text(on.QuerySelector(".label")!));
        Assert.Equal(string.Empty, on.GetAttribute("href"));
    }

    [Fact]
    public void Tiles_OtherFilter_NoneIsMarked() => Assert.Empty(Tiles(_tiles, "?status=FAILED").FindAll("[aria-current]"));

    [Fact]
    public void Spark_EveryHour_HasABarThatCanBeSeen()
    {
        var heights = Tiles(_tiles).FindAll("rect").Select(bar => int.Parse(bar.GetAttribute("height")!)).ToList();

        Assert.Equal(24, heights.Count);
        Assert.Equal((1, 20, 8), (heights[0], heights[1], heights[2]));
    }

    private IRenderedComponent<TileBar> Tiles(ImportTiles? tiles, string query = "") => Render<TileBar>(p => p.Add(c => c.Tiles, tiles).Add(c => c.Query, query));
}
