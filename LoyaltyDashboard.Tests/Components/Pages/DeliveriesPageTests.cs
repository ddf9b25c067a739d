using System.Text;
using Bunit;
using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class DeliveriesPageTests : PageTests
{
    [Fact]
    public void Page_NothingCame_SaysSo() => Assert.Equal("Nothing has come to the doors yet", Text(Open().Find(".empty")));

    [Fact]
    public void Page_EveryOutcome_IsListedNewestFirst()
    {
        StoreOneOfEach();

        var page = Open();

        Assert.Equal(["Rejected", "No import in it", "Ignored", "Late", "Duplicate", "Stored"], page.FindAll(".c-status").Select(Text));
        Assert.Equal(["413", "200", "200", "200", "200", "200"], page.FindAll("tbody td.c-hide").Where((_, i) => i % 2 == 0).Select(Text));
        Assert.All(page.FindAll(".absent"), dash => Assert.NotEmpty(dash.GetAttribute("title")!));
    }

    [Theory]
    [InlineData("stored", "Stored")]
    [InlineData("QUARANTINED", "No import in it")]
    public void Page_OutcomeInTheAddress_ListsOnlyThat(string word, string shown)
    {
        StoreOneOfEach();

        var page = Open($"?outcome={word}");

        Assert.Equal([shown], page.FindAll(".c-status").Select(Text));
        Assert.Equal([shown], page.FindAll(".filters [aria-current=true]").Select(Text));
    }

    [Fact]
    public void Page_SeveralOutcomes_ListAnyOfThem()
    {
        StoreOneOfEach();

        var page = Open("?outcome=stored&outcome=rejected");

        Assert.Equal(["Rejected", "Stored"], page.FindAll(".c-status").Select(Text));
        Assert.Equal("deliveries?outcome=rejected", page.FindAll(".filters a").Single(a => Text(a) == "Stored").GetAttribute("href"));
        Assert.Equal("deliveries?outcome=stored&outcome=rejected&outcome=stale", page.FindAll(".filters a").Single(a => Text(a) == "Late").GetAttribute("href"));
    }

    [Fact]
    public void Page_UnknownOutcomeInTheAddress_ListsAll()
    {
        StoreOneOfEach();

        Assert.Equal(6, Open("?outcome=exploded&outcome=7&page=minus").FindAll("tbody tr").Count);
    }

    [Fact]
    public void Page_NoneOfThatOutcome_OffersAll() => Assert.Equal("No delivery ended this way Show all", Text(Open("?outcome=late&outcome=stale").Find(".empty")));

    [Fact]
    public void Page_PastTheLast_LeadsToTheFirst()
    {
        StoreOneOfEach();

        var page = Open("?outcome=stored&page=9");

        Assert.Equal("There is no page 9 To the first page", Text(page.Find(".empty")));
        Assert.Equal("deliveries?outcome=stored", page.Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void Duplicate_SameContent_WasReceivedAgain()
    {
        Store(Delivery("a"), Delivery("a"));

        Assert.Equal(["Received again"], Open("?outcome=duplicate").FindAll(".c-result").Select(Text));
    }

    [Fact]
    public void Duplicate_OtherContent_SaysSo()
    {
        Store(Delivery("a"), Delivery("a") with { ContentHash = [2] });

        Assert.Equal(["Received again, with other content"], Open("?outcome=duplicate").FindAll(".c-result").Select(Text));
    }

    [Fact]
    public void Import_HostileName_IsTextAndALink()
    {
        Store(Sample.Import with { Id = "a/b?c", FileMetadata = new() { Name = Sample.Hostile } });

        var link = Open().Find(".c-file a");

        Assert.Equal((Sample.HostileAsShown, Sample.Hostile, "imports/a%2Fb%3Fc"), (link.TextContent, link.GetAttribute("title"), link.GetAttribute("href")));
    }

    [Fact]
    public void Feed_NewDelivery_IsListed()
    {
        var page = Open();

        Store(Delivery("a"));
        DeliveryFeed.Publish();

        page.WaitForState(() => page.FindAll("tbody tr").Count == 1);
    }

    [Fact]
    public async Task DecodeAll_SomeHaveAnImportNow_StoresThemAndSaysHowMany()
    {
        Store(Delivery("hopeless"));
        Store(Delivery("readable") with { Body = Encoding.UTF8.GetBytes(Claims("decoded.csv")) });
        var writer = Services.GetRequiredService<ImportWriter>();
        await writer.StartAsync(Stop);
        var page = Open("?outcome=quarantined");
        Assert.Equal(2, page.FindAll("tbody tr").Count);

        await page.FindAll("button").Single(button => Text(button) == "Decode all again").ClickAsync();

        page.WaitForState(() => page.FindAll("tbody tr").Count == 1);
        Assert.Equal("1 decoded.", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message);
        await writer.StopAsync(Stop);
    }

    [Fact]
    public async Task DecodeAll_StillNoImport_SaysSo()
    {
        Store(Delivery("hopeless"));
        var page = Open("?outcome=quarantined");

        await page.FindAll("button").Single(button => Text(button) == "Decode all again").ClickAsync();

        Assert.Equal("Still no import in any of them.", Assert.Single(Services.GetRequiredService<ISnackbar>().ShownSnackbars).Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?outcome=quarantined&outcome=stored")]
    public void DecodeAll_ListHoldsOthersToo_IsNotOffered(string query)
    {
        StoreOneOfEach();

        Assert.DoesNotContain(Open(query).FindAll("button"), button => Text(button) == "Decode all again");
    }

    /// <summary>The claims of a token as the decoder reads them.</summary>
    internal static string Claims(string fileName)
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var token = new WixWebhook { FileName = fileName }.Sign(key);
        return Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
    }

    private void StoreOneOfEach()
    {
        var observation = new ImportObservation { Import = Sample.Import, Source = ObservationSource.Webhook, ObservedAt = Clock.GetUtcNow() };
        Store(
            Delivery("stored") with { Observation = observation },
            Delivery("stored"),
            Delivery("late") with { Observation = observation with { Import = Sample.Import with { Revision = "1" } } },
            Delivery("ignored") with { OutcomeWithoutImport = DeliveryOutcome.Ignored },
            Delivery("quarantined"));
        Store(new RejectedDelivery(DeliveryDoor.Wix, Clock.GetUtcNow(), 5_000_000, 413, "The body is too large.", 900));
    }

    private IRenderedComponent<DeliveriesPage> Open(string query = "")
    {
        Navigation.NavigateTo("/deliveries" + query);
        var page = Render<DeliveriesPage>();
        page.WaitForState(() => page.FindAll("[aria-busy]").Count == 0);
        return page;
    }
}
