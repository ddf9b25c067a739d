using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace LoyaltyDashboard.Tests.Components;

/// <summary>A renderer with what every component may ask for: MudBlazor, a clock that stands still, and a browser that answers nothing.</summary>
public abstract class ComponentTests : BunitContext
{
    private IRenderedComponent<MudPopoverProvider>? _popovers;

    // Long enough for a busy machine; nothing waits this long unless it fails.
    static ComponentTests() => DefaultWaitTimeout = TimeSpan.FromSeconds(10);

    protected ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Clock);
    }

    protected static CancellationToken Stop => Xunit.TestContext.Current.CancellationToken;

    protected ManualClock Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Where open menus are drawn. Ask for it before the menu is rendered.</summary>
    protected IRenderedComponent<MudPopoverProvider> Popovers => _popovers ??= Render<MudPopoverProvider>();

    /// <summary>Text as a reader sees it: a space between elements, and one for any white space.</summary>
    protected static string Text(IElement element) => string.Join(' ', string.Join(' ', element.Descendants<IText>().Select(t => t.Data)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The same for all that was rendered.</summary>
    protected static string Text<T>(IRenderedComponent<T> rendered) where T : Microsoft.AspNetCore.Components.IComponent => string.Join(' ', rendered.Nodes.OfType<IElement>().Select(Text));

    /// <summary>Opens a menu and gives its choices.</summary>
    protected async Task<IReadOnlyList<IElement>> OpenMenuAsync<T>(IRenderedComponent<T> rendered, string css) where T : Microsoft.AspNetCore.Components.IComponent
    {
        await rendered.Find($"{css} button").ClickAsync();
        return Popovers.FindAll("[role=menuitem]");
    }
}
