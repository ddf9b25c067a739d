using Bunit;
using LoyaltyDashboard.Components.Panels;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class FilePanelTests : ComponentTests
{
    [Theory]
    [InlineData("https://files.example/members.csv")]
    [InlineData("HTTPS://files.example/members.csv")]
    public void Url_Https_IsALinkThatTellsTheTargetNothing(string url)
    {
        var link = Panel(url).Find("a");

        Assert.Equal((url, "noopener noreferrer nofollow"), (link.GetAttribute("href"), link.GetAttribute("rel")));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)//https://files.example")]
    [InlineData("http://files.example/members.csv")]
    [InlineData("//files.example/members.csv")]
    [InlineData("/members.csv")]
    [InlineData("members/members.csv")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("ftp://files.example/members.csv")]
    [InlineData("https")]
    [InlineData("https://")]
    [InlineData("\u0001javascript:alert(1)")]
    public void Url_AnythingElse_IsText(string url)
    {
        var panel = Panel(url);

        Assert.Empty(panel.FindAll("a"));
        Assert.Contains(url.Replace('\u0001', '\u2401'), panel.Find("dl").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Size_Known_IsShownShortAndExact() => Assert.Contains("20.9 KB (20,915 bytes)", Text(Panel("x")), StringComparison.Ordinal);

    private IRenderedComponent<FilePanel> Panel(string url) => Render<FilePanel>(p => p.Add(c => c.Detail, Sample.Detail(Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { Url = url } })));
}
