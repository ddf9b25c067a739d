using System.Text;
using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class DeliveryDetailPageTests : PageTests
{
    [Fact]
    public void Page_Stored_ShowsTheBodyWithItsInnerJsonOpened()
    {
        Store(Sample.Import);

        var page = Open(1);

        Assert.Equal("Delivery 1", page.Find("h1").TextContent);
        Assert.Contains("\"inner\": 1", page.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Equal($"imports/{Sample.Import.Id}", page.FindAll("dd a").Single().GetAttribute("href"));
        Assert.All(page.FindAll("dd"), value => Assert.True(Text(value).Length > 0 || value.QuerySelector("ago-time") is not null));
    }

    [Fact]
    public void Page_ByWhoSeesMasks_SaysThatThereIsABodyAndShowsNone()
    {
        Store(Sample.Import);
        Reader = new("user:1", Role.Viewer, null, SeesClear: false);

        var page = Open(1);

        Assert.Empty(page.FindAll("pre"));
        Assert.Contains("Kept as signed, and not shown: it holds personal data. Masked: operators may show it.", Text(page), StringComparison.Ordinal);
        Assert.Contains("Personal data are masked", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_Rejected_HasNoBodyAndSaysWhy()
    {
        Store(new RejectedDelivery(DeliveryDoor.Wix, Clock.GetUtcNow(), 12, 401, "The signature is not Wix's.", 900));

        var page = Open(1);

        Assert.Empty(page.FindAll("pre"));
        Assert.Contains("what is not authentic is not stored", Text(page), StringComparison.Ordinal);
        Assert.Contains("The signature is not Wix's.", Text(page), StringComparison.Ordinal);
        Assert.Contains("401 after under 1 ms", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_ForwardOfTheSdk_NamesItsDoorAndWhyItHasNoEventType()
    {
        Store(Delivery("a") with { Door = DeliveryDoor.Sdk, EventType = null });

        var page = Open(1);

        Assert.Contains("Door SDK forward", Text(page), StringComparison.Ordinal);
        Assert.Contains("The SDK does not hand it on", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_DuplicateWithTheSameContent_LeadsToTheFirst()
    {
        Store(Delivery("a") with { Cause = null }, Delivery("a") with { Cause = null });

        var page = await OpenNewestAsync();

        Assert.Equal("deliveries/1", page.FindAll("dd a").Single().GetAttribute("href"));
        Assert.Contains("Cause Received again", Text(page), StringComparison.Ordinal);
        Assert.Contains("the first delivery of this event holds it", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_DuplicateWithOtherContent_HasItsOwnBody()
    {
        Store(Delivery("a"), Delivery("a") with { ContentHash = [2], Body = """{"other":true}"""u8.ToArray(), Cause = null });

        var page = await OpenNewestAsync();

        Assert.Contains("\"other\": true", page.Find("pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("Cause Received again, with other content", Text(page), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_BodyIsNoJson_IsShownAsItIs()
    {
        Store(Delivery("a") with { Body = "<script>alert(1)</script>"u8.ToArray() });

        var page = Open(1);

        Assert.Equal("<script>alert(1)</script>", page.Find("pre").TextContent);
        Assert.Empty(page.FindAll("script"));
    }

    [Fact]
    public void Page_UnknownRow_SaysSoAndLeadsBack()
    {
        var page = Open(4_711);

        Assert.Equal("No such delivery", page.Find("h1").TextContent);
        Assert.Equal("There is no delivery 4711 To the deliveries", Text(page.Find(".empty")));
    }

    [Fact]
    public async Task Decode_AnImportIsFound_ShowsTheNewOutcome()
    {
        Store(Delivery("a") with { Body = Encoding.UTF8.GetBytes(DeliveriesPageTests.Claims("decoded.csv")) });
        var writer = Services.GetRequiredService<ImportWriter>();
        await writer.StartAsync(Stop);
        var page = Open(1);

        await Button(page).ClickAsync();

        page.WaitForState(() => Text(page.Find(".head .status")) == "Stored");
        Assert.Contains("decoded.csv", Text(page), StringComparison.Ordinal);
        Assert.Equal("Decoded: the import is in the list.", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message);
        await writer.StopAsync(Stop);
    }

    [Fact]
    public async Task Decode_StillNoImport_SaysWhy()
    {
        Store(Delivery("a"));
        var page = Open(1);

        await Button(page).ClickAsync();

        Assert.NotEmpty(Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message!);
        Assert.Equal("No import in it", Text(page.Find(".head .status")));
    }

    [Fact]
    public void Decode_NotQuarantined_IsNotOffered()
    {
        Store(Delivery("a") with { OutcomeWithoutImport = DeliveryOutcome.Ignored });

        Assert.DoesNotContain(Open(1).FindAll("button"), button => Text(button) == "Decode again");
    }

    private static AngleSharp.Dom.IElement Button(IRenderedComponent<DeliveryDetailPage> page) => page.FindAll("button").Single(button => Text(button) == "Decode again");

    private async Task<IRenderedComponent<DeliveryDetailPage>> OpenNewestAsync() => Open((await Services.GetRequiredService<DeliveryQueries>().PageAsync(Reader.System, [], 1, 1, Stop)).Deliveries[0].RowId);

    private IRenderedComponent<DeliveryDetailPage> Open(long rowId)
    {
        var page = Render<DeliveryDetailPage>(p => p.Add(c => c.RowId, rowId));
        page.WaitForState(() => page.FindAll("h1").Count == 1);
        return page;
    }
}
