using Microsoft.Playwright;

namespace LoyaltyDashboard.Tests.Browser;

/// <summary>The imports page as an operator sees it.</summary>
public sealed class ImportsPageObject(IPage page)
{
    public ILocator Rows => page.Locator("tr.row");

    public ILocator FileLinks => page.Locator("tr.row a.file");

    public ILocator Row(string fileName) => page.Locator("tr.row", new() { Has = page.GetByRole(AriaRole.Link, new() { Name = fileName, Exact = true }) });

    public ILocator Search => page.GetByRole(AriaRole.Searchbox);

    public ILocator Pause => page.Locator("button.pause");

    public ILocator Badge => page.Locator(".live > span:visible");

    public ILocator Pill => page.Locator(".pill button");

    public ILocator Chips => page.Locator(".chip");

    public ILocator Samples => page.Locator("table.samples");

    public ILocator Tile(string label) => page.Locator(".tile", new() { HasText = label });

    public ILocator Heading(string name) => page.Locator(".list > thead").GetByRole(AriaRole.Button, new() { Name = name });

    public ILocator MenuItem(string name) => page.GetByRole(AriaRole.Menuitem, new() { Name = name });

    /// <summary>Opens one of the filter menus and chooses.</summary>
    public async Task ChooseAsync(string menu, string choice)
    {
        await page.Locator(".filters").GetByRole(AriaRole.Button, new() { Name = menu, Exact = true }).ClickAsync();
        await MenuItem(choice).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
    }

    /// <summary>Moves the pointer where nothing is held back by it.</summary>
    public Task PointerAwayAsync() => page.Mouse.MoveAsync(5, 400);

    public async Task<IReadOnlyList<string>> FileNamesAsync() => await FileLinks.AllInnerTextsAsync();
}
