using Bunit;
using LoyaltyDashboard.Components;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class NoImportsYetTests : ComponentTests
{
    [Theory]
    [InlineData(null, "http://localhost/webhooks/wix")]
    [InlineData(" ", "http://localhost/webhooks/wix")]
    [InlineData("https://loyalty.example.com", "https://loyalty.example.com/webhooks/wix")]
    [InlineData("https://example.com/loyalty/", "https://example.com/loyalty/webhooks/wix")]
    public void Address_ToPasteIntoWix_IsThePublicOneOrTheBrowsersOwn(string? publicUrl, string address) => Assert.Equal(address, Card(publicUrl).Find("code").TextContent);

    [Theory]
    [InlineData(1, "One public key is set: whatever is signed with it will be accepted.")]
    [InlineData(2, "2 public keys are set: whatever is signed with one of them will be accepted.")]
    public void Keys_Set_AreCountedAndNotShown(int count, string words)
    {
        var card = Card(null, count);

        Assert.Contains(words, Text(card), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-key", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Doors_SecretAlone_OffersTheSecondAndSaysThatTheFirstIsShut()
    {
        var card = Card(null, keys: 0, secrets: 1);

        Assert.Equal(["http://localhost/webhooks/wix-sdk"], card.FindAll("code").Select(Text));
        Assert.Contains("No public key is set, so webhooks of Wix itself are refused.", Text(card), StringComparison.Ordinal);
    }

    [Fact]
    public void Doors_KeyAndSecret_OffersBoth() =>
        Assert.Equal(["http://localhost/webhooks/wix", "http://localhost/webhooks/wix-sdk"], Card(null, secrets: 1).FindAll("code").Select(Text));

    [Fact]
    public void Sandbox_Off_OffersNoTestImport() => Assert.Empty(Card(null).FindAll("button"));

    private IRenderedComponent<NoImportsYet> Card(string? publicUrl, int keys = 1, int secrets = 0)
    {
        Services.AddOptions<DashboardOptions>().Configure(options => options.PublicUrl = publicUrl);
        Services.AddOptions<WixOptions>().Configure(options =>
        {
            for (var i = 0; i < keys; i++)
            {
                options.PublicKeys.Add("secret-key");
            }

            for (var i = 0; i < secrets; i++)
            {
                options.SdkSecrets.Add(new());
            }
        });
        return Render<NoImportsYet>();
    }
}
