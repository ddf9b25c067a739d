using Bunit;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class ResultPanelTests : ComponentTests
{
    [Fact]
    public void Result_Complete_ShowsEveryFigureAndTheBarInWords()
    {
        var panel = Panel(Sample.Import);

        Assert.Equal(["Rows parsed 4,210", "Imported 4,198", "Failed 11", "Unaccounted 1"], panel.FindAll(".figures > div").Select(Text));
        Assert.Equal("4,198 imported, 11 failed, 1 unaccounted", panel.Find("[role=img]").GetAttribute("aria-label"));
    }

    [Fact]
    public void Result_FailureCountAbsent_IsNotToldAsZero()
    {
        var bar = Panel(Sample.Without(Sample.Import, "ImportResult.FailureCount")).Find("[role=img]");

        Assert.Equal("4,198 imported, Not known how many failed, Not known how many unaccounted", bar.GetAttribute("aria-label"));
    }

    [Fact]
    public void Result_NothingCounted_HasNoBar() => Assert.Empty(Panel(Sample.Bare).FindAll("[role=img]"));

    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, 5L)]
    [InlineData(0L, 0L)]
    public void Result_CountsThatCannotBe_AreShownAsSent(long imported, long failed)
    {
        var panel = Panel(Sample.Import with { ImportResult = new() { SuccessCount = imported, FailureCount = failed } });

        Assert.Contains($"Imported {imported:N0}", panel.FindAll(".figures > div").Select(Text));
        Assert.Contains($"Failed {failed:N0}", panel.FindAll(".figures > div").Select(Text));
    }

    [Theory]
    [InlineData("INITIATED", "Not known yet")]
    [InlineData("PARSING", "Not known yet")]
    [InlineData("PARSED", "None")]
    [InlineData("IMPORTING", "None")]
    [InlineData("IMPORTED", "None")]
    [InlineData("FAILED", "Wix gave no reason")]
    [InlineData(null, "Not known yet")]
    public void ParseError_Absent_MeansWhatTheStatusAllows(string? status, string word) =>
        Assert.Contains($"Parse error {word}", Text(Panel(Sample.Bare with { Status = status })), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "IMPORTED", "Wix holds one")]
    [InlineData(false, "IMPORTED", "None")]
    [InlineData(false, "FAILED", "None")]
    [InlineData(false, "IMPORTING", "Not known yet")]
    [InlineData(null, "IMPORTED", "Not known yet")]
    public void ErrorFile_EachAnswer_HasItsWord(bool? exists, string status, string word) =>
        Assert.EndsWith($"Error file {word}", Text(Panel(Sample.Bare with { Status = status, ImportResult = new() { ErrorFileExists = exists } })), StringComparison.Ordinal);

    private IRenderedComponent<ResultPanel> Panel(LoyaltyImport import) => Render<ResultPanel>(p => p.Add(c => c.Detail, Sample.Detail(import)));
}
