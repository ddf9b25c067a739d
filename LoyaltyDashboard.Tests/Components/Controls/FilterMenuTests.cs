using Bunit;
using LoyaltyDashboard.Components.Controls;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class FilterMenuTests : ComponentTests
{
    private static readonly (int, string)[] _choices = [(1, "One"), (2, "Two")];

    [Fact]
    public async Task Menu_Choice_IsHandedOnAndTheMenuStaysOpen()
    {
        _ = Popovers;
        var (toggled, opened) = (new List<int>(), new List<bool>());
        var menu = Render<FilterMenu<int>>(p => p.Add(c => c.Label, "Number").Add(c => c.Choices, _choices).Add(c => c.Selected, [2]).Add(c => c.OnToggle, toggled.Add).Add(c => c.OnOpen, opened.Add));

        var items = await OpenMenuAsync(menu, ".menu");
        await items[0].ClickAsync();
        await Popovers.FindAll("[role=menuitem]")[1].ClickAsync();

        Assert.Equal([1, 2], toggled);
        Assert.Equal([true], opened);
    }

    [Fact]
    public async Task Menu_WhatIsOn_IsMarkedForEyesAndEars()
    {
        _ = Popovers;
        var menu = Render<FilterMenu<int>>(p => p.Add(c => c.Label, "Number").Add(c => c.Choices, _choices).Add(c => c.Selected, [2]));

        var items = await OpenMenuAsync(menu, ".menu.on");

        Assert.Equal(["One", "✓ Two , on"], items.Select(Text));
    }

    [Fact]
    public async Task Menu_ChoicesAreLoaded_SaysSoUntilTheyAreThere()
    {
        _ = Popovers;
        var menu = Render<FilterMenu<int>>(p => p.Add(c => c.Label, "Number").Add(c => c.Choices, null).Add(c => c.Selected, []));

        Assert.Empty(await OpenMenuAsync(menu, ".menu"));
        Assert.Equal("Loading…", Text(Popovers.Find("[role=status]")));

        menu.Render(p => p.Add(c => c.Choices, _choices));
        Popovers.WaitForAssertion(() => Assert.Equal(2, Popovers.FindAll("[role=menuitem]").Count));
        Assert.Empty(Popovers.FindAll("[role=status]"));
    }

    [Fact]
    public async Task Menu_NothingToChoose_SaysSo()
    {
        _ = Popovers;
        var menu = Render<FilterMenu<int>>(p => p.Add(c => c.Label, "Number").Add(c => c.Choices, []).Add(c => c.Selected, []));

        Assert.Equal("Nothing to choose yet", Text(Assert.Single(await OpenMenuAsync(menu, ".menu"))));
        Assert.Empty(menu.FindAll(".menu.on"));
    }

    [Fact]
    public void Menu_IsDrawnAgainOnlyWhenItSaysSomethingElse()
    {
        _ = Popovers;
        var menu = Render<FilterMenu<int>>(p => p.Add(c => c.Label, "Number").Add(c => c.Choices, _choices).Add(c => c.Selected, [2]));
        var inner = menu.FindComponent<MudMenu>().Instance;

        // Each drawing hands on content of its own.
        var drawn = inner.ChildContent;

        menu.Render(p => p.Add(c => c.Choices, _choices).Add(c => c.Selected, [2]));
        Assert.Same(drawn, inner.ChildContent);

        menu.Render(p => p.Add(c => c.Selected, []));
        Assert.NotSame(drawn, inner.ChildContent);
        Assert.Empty(menu.FindAll(".menu.on"));
    }
}
