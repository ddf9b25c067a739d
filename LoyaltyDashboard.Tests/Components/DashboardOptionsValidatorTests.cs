using LoyaltyDashboard.Components;

namespace LoyaltyDashboard.Tests.Components;

public sealed class DashboardOptionsValidatorTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("https://loyalty.example.com")]
    [InlineData("http://localhost:5000/")]
    public void PublicUrl_UsableOrAbsent_IsTaken(string? url) => Assert.True(Validate(url).Succeeded);

    [Theory]
    [InlineData("loyalty.example.com")]
    [InlineData("/webhooks")]
    [InlineData("ftp://loyalty.example.com")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://loyalty.example.com/webhooks/wix")]
    [InlineData("https://loyalty.example.com?a=1")]
    [InlineData("https://loyalty.example.com/#top")]
    public void PublicUrl_Unusable_IsRefusedWithKeyValueAndAGoodExample(string url) => Assert.Equal(
        $"Dashboard:PublicUrl is \"{url}\", which is no http or https address without a path; the door's own path is added to it. A good one is: https://loyalty.example.com", Validate(url).FailureMessage);

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(string? url) => new DashboardOptionsValidator().Validate(null, new DashboardOptions { PublicUrl = url });
}
