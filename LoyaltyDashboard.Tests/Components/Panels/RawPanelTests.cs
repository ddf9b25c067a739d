using Bunit;
using LoyaltyDashboard.Components.Panels;
using Microsoft.JSInterop;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class RawPanelTests : ComponentTests
{
    [Fact]
    public async Task Find_Text_MarksAndCountsEveryHit()
    {
        var panel = Panel("{ \"Status\": \"status\" }");

        await panel.Find("input").InputAsync("STATUS");

        Assert.Equal(["Status", "status"], panel.FindAll("mark").Select(m => m.TextContent));
        Assert.Equal("2 found", Text(panel.Find("[role=status]")));
        Assert.Equal("{ \"Status\": \"status\" }", panel.Find("pre").TextContent);
    }

    [Fact]
    public async Task Find_MoreThanCanBeMarked_DoesNotClaimToHaveCountedThemAll()
    {
        var panel = Panel(new string('a', 2_000));

        await panel.Find("input").InputAsync("a");

        Assert.Equal("500 and perhaps more found", Text(panel.Find("[role=status]")));
        Assert.Equal(2_000, panel.Find("pre").TextContent.Length);
    }

    [Fact]
    public void Json_Long_IsCutAndLinksToTheWhole()
    {
        var panel = Render<RawPanel>(p => p.Add(c => c.Json, new string('x', 100_000)).Add(c => c.Download, "api/imports/1"));

        Assert.Equal(64 * 1024, panel.Find("pre").TextContent.Length);
        Assert.Contains("The first 65.5 KB of 100 KB.", Text(panel), StringComparison.Ordinal);
        Assert.Equal("api/imports/1", panel.Find("a").GetAttribute("href"));
    }

    [Fact]
    public async Task Copy_Clicked_CopiesTheWholeAndSaysSo()
    {
        var panel = Panel("{}");

        await panel.Find("button").ClickAsync();

        Assert.Equal("{}", Assert.Single(JSInterop.Invocations["dashboard.copy"]).Arguments[0]);
        Assert.Equal("Copied", Text(panel.Find("button")));
    }

    [Fact]
    public async Task Copy_RefusedByTheBrowser_SaysSo()
    {
        JSInterop.SetupVoid("dashboard.copy", _ => true).SetException(new JSException("NotAllowedError"));
        var panel = Panel("{}");

        await panel.Find("button").ClickAsync();

        Assert.Equal("The browser does not let us copy", Text(panel.Find("button")));
    }

    [Fact]
    public void Json_Folded_IsNotOpenAtFirst() => Assert.False(Panel("{}").Find("details").HasAttribute("open"));

    private IRenderedComponent<RawPanel> Panel(string json) => Render<RawPanel>(p => p.Add(c => c.Json, json));
}
