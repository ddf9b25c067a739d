using Bunit;
using LoyaltyDashboard.Components.Pages;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class NotFoundPageTests : ComponentTests
{
    [Fact]
    public void Page_Any_SaysSoAndLeadsHome()
    {
        var page = Render<NotFoundPage>(p => p.Add(c => c.Path, Sample.Hostile));

        Assert.Equal("There is nothing here", page.Find("h1").TextContent);
        Assert.Equal(string.Empty, page.Find("a").GetAttribute("href"));
        Assert.DoesNotContain("alert", page.Markup, StringComparison.Ordinal);
    }
}
