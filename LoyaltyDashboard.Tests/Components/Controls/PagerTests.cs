using Bunit;
using LoyaltyDashboard.Components.Controls;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class PagerTests : ComponentTests
{
    [Fact]
    public void Pager_NoRows_IsNotThere() => Assert.Empty(Pager(1, 0).Nodes);

    [Fact]
    public void Pager_OneRow_HasOnePage() => Assert.Equal("1 row Page 1 of 1", Text(Pager(1, 1)));

    [Theory]
    [InlineData(1, null, "?page=2")]
    [InlineData(2, "?page=1", "?page=3")]
    [InlineData(3, "?page=2", null)]
    public void Pager_EachPage_LinksToItsNeighbours(int page, string? previous, string? next)
    {
        var pager = Pager(page, 101);

        Assert.Equal(previous, pager.FindAll("[rel=prev]").Select(a => a.GetAttribute("href")).SingleOrDefault());
        Assert.Equal(next, pager.FindAll("[rel=next]").Select(a => a.GetAttribute("href")).SingleOrDefault());
        Assert.Contains($"101 rows", Text(pager), StringComparison.Ordinal);
        Assert.Contains($"Page {page} of 3", Text(pager), StringComparison.Ordinal);
    }

    [Fact]
    public void Pager_MoreThanWasCounted_KnowsNoLastPage()
    {
        var pager = Render<Pager>(p => p.Add(c => c.Page, 200).Add(c => c.PageSize, 50).Add(c => c.Total, 10_000).Add(c => c.TotalIsExact, false).Add(c => c.Href, page => $"?page={page}"));

        Assert.Equal("10,000+ rows Previous Page 200 Next", Text(pager));
    }

    [Fact]
    public async Task Pager_OtherPageSize_IsHandedOn()
    {
        var chosen = 0;
        var pager = Render<Pager>(p => p.Add(c => c.Page, 1).Add(c => c.PageSize, 30).Add(c => c.Total, 9).Add(c => c.Href, _ => "x").Add(c => c.OnPageSize, size => chosen = size));

        await pager.Find("select").ChangeAsync("100");

        Assert.Equal(100, chosen);
        Assert.Equal(["25", "30", "50", "100"], pager.FindAll("option").Select(o => o.TextContent));
    }

    private IRenderedComponent<Pager> Pager(int page, int total) =>
        Render<Pager>(p => p.Add(c => c.Page, page).Add(c => c.PageSize, 50).Add(c => c.Total, total).Add(c => c.Href, number => $"?page={number}"));
}
