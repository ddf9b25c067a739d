using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class ImportsListTests
{
    private readonly ImportsList _list = new();

    public ImportsListTests() => _list.Show(Page("b", "a"));

    [Fact]
    public void Refresh_Free_TakesNewRowsInAndMarksThem()
    {
        var arrived = _list.Refresh(Page("d", "c", "b", "a"), isHeld: false);

        Assert.Equal(2, arrived);
        Assert.Equal(["d", "c", "b", "a"], Ids);
        Assert.Equal(["c", "d"], _list.Fresh.Order());
        Assert.Equal((0, 4), (_list.Waiting, _list.Total));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(6, 0)]
    public void Refresh_Free_MarksOnlySoManyThatTheRestStaysReadable(int arrivals, int marked)
    {
        var arrived = _list.Refresh(Page([.. Enumerable.Range(0, arrivals).Select(i => $"new {i}"), "b", "a"]), isHeld: false);

        Assert.Equal((arrivals, marked), (arrived, _list.Fresh.Count));
    }

    [Fact]
    public void Refresh_Held_MovesNothingAndCountsWhatWaits()
    {
        var arrived = _list.Refresh(Page("d", "c", "b", "a"), isHeld: true);

        Assert.Equal(0, arrived);
        Assert.Equal(["b", "a"], Ids);
        Assert.Equal(2, _list.Waiting);
        Assert.Empty(_list.Fresh);
    }

    [Fact]
    public void Refresh_Held_ChangesShownRowsInPlace()
    {
        var page = Page("c", "b", "a");

        _list.Refresh(page with { Rows = [.. page.Rows.Select(row => row with { SuccessCount = 77 })] }, isHeld: true);

        Assert.Equal(["b", "a"], Ids);
        Assert.All(_list.Rows, row => Assert.Equal(77, row.SuccessCount));
    }

    [Fact]
    public void Refresh_HeldAndARowWasPushedOff_ChangesItInPlaceAllTheSame()
    {
        var page = Page("d", "c");
        var pushedOff = _list.Rows.Where(row => _list.NotOn(page).Contains(row.RowId)).Select(row => row with { SuccessCount = 77 }).ToList();

        _list.Refresh(page, isHeld: true, pushedOff);

        Assert.Equal(["b", "a"], Ids);
        Assert.All(_list.Rows, row => Assert.Equal(77, row.SuccessCount));
    }

    [Fact]
    public void Refresh_HeldAndTheOrderChanged_KeepsTheOldOrder()
    {
        _list.Refresh(Page("a", "b"), isHeld: true);

        Assert.Equal(["b", "a"], Ids);
        Assert.Equal(0, _list.Waiting);
    }

    [Fact]
    public void Refresh_HeldAndARowLeft_KeepsItInItsPlace()
    {
        _list.Refresh(Page("a"), isHeld: true);

        Assert.Equal(["b", "a"], Ids);
    }

    [Fact]
    public void Refresh_HeldWithMoreArrivedThanThePageHolds_CountsThemAll()
    {
        _list.Refresh(Page("f", "e") with { Total = 6 }, isHeld: true);

        Assert.Equal(4, _list.Waiting);
    }

    [Fact]
    public void Refresh_HeldAndWhatArrivedStandsOnAnotherPage_CountsIt()
    {
        _list.Refresh(Page("b", "a") with { Total = 3 }, isHeld: true);
        _list.Refresh(Page("b", "a") with { Total = 4 }, isHeld: true);

        Assert.Equal(2, _list.Waiting);
    }

    [Fact]
    public void Refresh_NoLongerHeld_LetsTheWaitingIn()
    {
        _list.Refresh(Page("c", "b", "a"), isHeld: true);

        Assert.Equal(1, _list.Refresh(Page("c", "b", "a"), isHeld: false));
        Assert.Equal(0, _list.Waiting);
    }

    [Fact]
    public void Refresh_TotalsAreCapped_CountsOnlyWhatItSees()
    {
        _list.Show(Page("b", "a") with { Total = 10_000, TotalIsExact = false });

        _list.Refresh(Page("c", "b", "a") with { Total = 10_000, TotalIsExact = false }, isHeld: true);

        Assert.Equal(1, _list.Waiting);
    }

    [Fact]
    public void CountWaiting_Paused_OnlyCounts()
    {
        _list.CountWaiting(Page("c", "b", "a"));
        _list.CountWaiting(Page("d", "c", "b", "a"));

        Assert.Equal(2, _list.Waiting);
        Assert.Equal(["b", "a"], Ids);
    }

    [Fact]
    public void Show_AfterAPause_ShowsExactlyWhatWasMissedWithoutAGlow()
    {
        _list.CountWaiting(Page("d", "c", "b", "a"));

        _list.Show(Page("d", "c", "b", "a"));

        Assert.Equal(["d", "c", "b", "a"], Ids);
        Assert.Equal(0, _list.Waiting);
        Assert.Empty(_list.Fresh);
    }

    private IEnumerable<string> Ids => _list.Rows.Select(row => row.Id);

    private static ImportPage Page(params string[] ids) => new([.. ids.Select(id => Sample.Row(id) with { RowId = id[0] })], ids.Length, true);
}
