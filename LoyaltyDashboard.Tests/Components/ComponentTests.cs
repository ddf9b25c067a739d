using System.Security.Cryptography;
using AngleSharp.Dom;
using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using MudBlazor.Services;

namespace LoyaltyDashboard.Tests.Components;

/// <summary>A renderer with what every component may ask for: MudBlazor, a clock that stands still, and a browser that answers nothing.</summary>
public abstract class ComponentTests : BunitContext
{
    private static readonly Lazy<string> _publicKey = new(() =>
    {
        using var key = RSA.Create(2048);
        return key.ExportSubjectPublicKeyInfoPem();
    });

    private readonly Lazy<ServiceProvider> _wix;
    private IRenderedComponent<MudPopoverProvider>? _popovers;

    // Long enough for a busy machine; nothing waits this long unless it fails.
    static ComponentTests() => DefaultWaitTimeout = TimeSpan.FromSeconds(30);

    protected ComponentTests()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices();
        Services.AddSingleton<TimeProvider>(Clock);
        Services.AddSingleton(new CurrentReader(() => Reader)).AddSingleton(services => new CurrentUser(services) { User = new() }).AddSingleton<Reveals>();
        // Nobody who reads here has a session, so nothing is audited.
        Services.AddSingleton(services => new RevealService(services.GetRequiredService<CurrentUser>(), services.GetRequiredService<CurrentReader>(), services.GetRequiredService<Reveals>(), null!, Clock));
        _wix = new(MakeWix);
        Services.AddSingleton(_ => _wix.Value.GetRequiredService<WixApi>()).AddSingleton(_ => _wix.Value.GetRequiredService<WixRequestBudget>());
    }

    /// <summary>Who looks, at each question anew.</summary>
    protected Reader Reader { get; set; } = Reader.System;

    /// <summary>Whether imports can be followed. Say so before the first component is rendered.</summary>
    protected bool HasAppSecret { get; set; } = true;

    /// <summary>Where Wix is asked. Say so before the first component is rendered.</summary>
    protected string WixAddress { get; set; } = "http://127.0.0.1:9";

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
        // Found and clicked in one turn of the renderer: between two it may be drawn again.
        await rendered.InvokeAsync(() => rendered.Find($"{css} button").ClickAsync());
        return Popovers.FindAll("[role=menuitem]");
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        if (_wix.IsValueCreated)
        {
            await _wix.Value.DisposeAsync();
        }
    }

    // The client as the program registers it.
    private ServiceProvider MakeWix()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Wix:PublicKeys:0"] = _publicKey.Value,
            ["Wix:ApiBaseUrl"] = WixAddress,
            ["Wix:AppId"] = HasAppSecret ? "the-app" : null,
            ["Wix:AppSecret"] = HasAppSecret ? "hush-app-secret" : null,
        });
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.AddWix();
        return builder.Services.BuildServiceProvider();
    }
}
