using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Layout;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Layout;

public sealed class MainLayoutTests : PageTests
{
    [Fact]
    public void Frame_Rendered_NamesOnlyPagesThatExistAndMarksItselfReady()
    {
        var layout = Layout(builder => builder.AddContent(0, "the page"));

        Assert.Equal(["Imports", "Deliveries", "Sites", "Audit", "Settings"], layout.FindAll("nav a.page").Select(Text));
        Assert.Equal("true", layout.Find(".frame").GetAttribute("data-interactive"));
        Assert.EndsWith("the page", Text(layout.Find("main")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Operator)]
    public void Frame_OfNoAdministrator_NamesNoPageOfTheirs(Role role)
    {
        Reader = new("user:1", role, null, false);

        Assert.Equal(["Imports", "Deliveries", "Sites"], Layout(_ => { }).FindAll("nav a.page").Select(Text));
    }

    [Theory]
    [InlineData(SiteLink.Refused, "1 Wix does not answer for one site")]
    [InlineData(SiteLink.NotUnderstood, "1 Wix does not answer for one site")]
    [InlineData(SiteLink.Unreachable, "1 Wix does not answer for one site")]
    [InlineData(SiteLink.Limited, null)]
    [InlineData(SiteLink.Connected, null)]
    public void Frame_SiteInTrouble_IsCountedBesideSites(SiteLink link, string? words)
    {
        Store(new SiteAnswer { InstanceId = Sample.Site.InstanceId, At = Sample.Time, Link = link });

        var layout = Layout(_ => { });

        layout.WaitForAssertion(() => Assert.Equal(words is null ? [] : [words], layout.FindAll("nav .count").Select(Text)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Banner_Sandbox_IsThereOnlyWithIt(bool isOn)
    {
        var layout = Layout(_ => { }, isOn);

        Assert.Equal(isOn ? ["Sandbox · invented imports, in their own database · Its log"] : [], layout.FindAll(".banner[role=note]").Select(Text));
    }

    [Fact]
    public async Task Page_Fails_ShowsNoExceptionAndCanBeTriedAgain()
    {
        var isBroken = true;
        var layout = Layout(builder => builder.AddContent(0, isBroken ? throw new InvalidOperationException("secret detail") : "the page"));

        Assert.Contains("This page could not be shown", Text(layout.Find("main [role=alert]")), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", layout.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", layout.Markup, StringComparison.Ordinal);

        isBroken = false;
        await layout.Find("[role=alert] button").ClickAsync();
        Assert.EndsWith("the page", Text(layout.Find("main")), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_FailsAndTheReaderGoesElsewhere_ShowsTheOtherPage()
    {
        var layout = Layout(_ => throw new InvalidOperationException());

        layout.Render(p => p.Add(c => c.Body, builder => builder.AddContent(0, "another page")));

        Assert.EndsWith("another page", Text(layout.Find("main")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "light")]
    [InlineData(1, "dark")]
    [InlineData(2, "system")]
    public async Task Theme_Chosen_IsHandedToTheBrowser(int choice, string theme)
    {
        var layout = Layout(_ => { });

        await layout.Find(".theme button").ClickAsync();
        await layout.FindAll("[role=menuitem]")[choice].ClickAsync();

        Assert.Equal(theme, Assert.Single(JSInterop.Invocations["dashboard.setTheme"]).Arguments[0]);
    }

    private IRenderedComponent<MainLayout> Layout(RenderFragment body, bool sandbox = false)
    {
        Services.AddOptions<SandboxOptions>().Configure(options => options.Enabled = sandbox);
        return Render<MainLayout>(p => p.Add(c => c.Body, body));
    }
}
