using System.Text.Json;
using Bunit;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Pages;

/// <summary>"Refresh now" on an import's page, through the real client and the real writer.</summary>
public sealed class RefreshImportTests : PageTests, IAsyncLifetime
{
    private static readonly LoyaltyImport _unfinished = Sample.Import with { Status = "PARSING", Revision = "2", ImportResult = null };

    private FakeWix _wix = null!;

    public async ValueTask InitializeAsync() => WixAddress = (_wix = await FakeWix.StartAsync()).Address;

    [Fact]
    public async Task Refresh_WixHasMovedOn_ShowsItAndSaysSo()
    {
        Store(_unfinished);
        _wix.Answer(200, Json(Sample.Import));

        var page = await RefreshAsync();

        Assert.Equal(("Wix says: Imported.", Severity.Success), Message());
        Assert.Equal("Imported", Text(page.Find(".head .status")));
        Assert.Empty(page.FindAll("button.ask, .follow"));
        Assert.Equal($"GET /_api/loyalty-imports/v1/loyalty-imports?loyaltyImportId={Sample.Import.Id}", Assert.Single(_wix.Calls) is var call ? $"{call.Method} {call.Path}" : null);
    }

    [Fact]
    public async Task Refresh_WixRefuses_SaysWhyAndShowsThatItIsNotFollowed()
    {
        Store(_unfinished);
        _wix.Answer(403, """{"message":"No permission for this."}""");

        var page = await RefreshAsync();

        Assert.Contains("does not let the app", Message().Words, StringComparison.Ordinal);
        Assert.Equal(Severity.Warning, Message().Severity);
        Assert.Equal("not followed: Wix refuses us", Text(page.Find(".head .follow")));
        Assert.Equal("Parsing", Text(page.Find(".head .status")));
    }

    [Fact]
    public async Task Refresh_WixKnowsItNoMore_KeepsWhatWasKnownAndOffersToAskAgain()
    {
        Store(_unfinished);
        StoreSighting(_unfinished);
        _wix.Answer(404, """{"message":"Not found."}""");
        _wix.Answer(200, Json(Sample.Import));

        var page = await RefreshAsync();

        Assert.Equal(("Wix does not know this import.", Severity.Warning), Message());
        Assert.Equal("deleted at Wix", Text(page.Find(".head .follow")));
        Assert.Equal("members.csv", page.Find("h1").TextContent);
        Assert.Equal("Ask again", Text(page.Find("button.ask")));

        Clock.Advance(TimeSpan.FromMinutes(1));
        await page.Find("button.ask").ClickAsync();
        Assert.Equal("Imported", Text(page.Find(".head .status")));
    }

    [Theory]
    [InlineData("no secret", "Imports are not followed: no app secret is set (Wix:AppId and Wix:AppSecret).")]
    [InlineData("no site", "The event named no site, so Wix cannot be asked.")]
    [InlineData("test event", "A test event: Wix holds no such import.")]
    public void Refresh_NothingCanBeAsked_IsNotOfferedAndSaysWhy(string what, string why)
    {
        HasAppSecret = what != "no secret";
        Store(Delivery("event") with
        {
            Observation = new() { Import = _unfinished, Source = ObservationSource.Webhook, ObservedAt = Clock.GetUtcNow(), InstanceId = what == "no site" ? null : Sample.Site.InstanceId },
        });
        Execute(what == "test event" ? "UPDATE imports SET IsTestEvent = 1" : "SELECT 1");

        var button = Open().Find("button.ask");

        Assert.Equal((why, true), (button.GetAttribute("title"), button.HasAttribute("disabled")));
        Assert.Empty(_wix.Requests);
    }

    [Fact]
    public void Refresh_Finished_IsNotThere()
    {
        Store(Sample.Import);

        Assert.Empty(Open().FindAll("button.ask"));
    }

    [Fact]
    public void Beat_LinkGoesDown_IsShownThoughTheImportDidNotChange()
    {
        Store(_unfinished);
        var page = Open();
        Assert.Equal("seen", Text(page.Find(".head .follow")));
        Store(new SiteAnswer { InstanceId = Sample.Site.InstanceId, At = Clock.GetUtcNow(), Link = SiteLink.Unreachable, Reason = "No route." });

        Clock.Advance(TimeSpan.FromSeconds(15));

        page.WaitForState(() => Text(page.Find(".head .follow")) == "Wix not reachable for");
        Assert.Equal("No route.", Text(page.Find(".note .reason")));
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _wix.DisposeAsync();
    }

    private static string Json(LoyaltyImport import) => JsonSerializer.Serialize(new { loyaltyImport = import }, JsonSerializerOptions.Web);

    private void StoreSighting(LoyaltyImport import) => Store(new SiteAnswer
    {
        InstanceId = Sample.Site.InstanceId,
        At = Clock.GetUtcNow().AddMinutes(-1),
        Link = SiteLink.Connected,
        Observations = [new() { Import = import, Source = ObservationSource.Api, ObservedAt = Clock.GetUtcNow().AddMinutes(-1), InstanceId = Sample.Site.InstanceId }],
    });

    private async Task<IRenderedComponent<ImportDetailPage>> RefreshAsync()
    {
        await StartWriterAsync();
        var page = Open();
        Assert.Equal("Refresh now", Text(page.Find("button.ask")));
        await page.Find("button.ask").ClickAsync();
        return page;
    }

    private (string Words, Severity Severity) Message()
    {
        var message = Services.GetRequiredService<ISnackbar>().ShownSnackbars.Last();
        return (message.Message!, message.Severity);
    }

    private IRenderedComponent<ImportDetailPage> Open()
    {
        Navigation.NavigateTo($"/imports/{Sample.Import.Id}");
        var page = Render<ImportDetailPage>(p => p.Add(c => c.Id, Sample.Import.Id));
        page.WaitForState(() => page.FindAll("h1").Count == 1);
        return page;
    }
}
