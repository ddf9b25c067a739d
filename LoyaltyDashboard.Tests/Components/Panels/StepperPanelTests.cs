using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class StepperPanelTests : ComponentTests
{
    [Fact]
    public void Steps_Imported_ShowTimesAndSpans()
    {
        var panel = Panel(Sample.Import);
        var steps = panel.FindAll("li");

        Assert.Equal(["Initiated", "Parsing", "Parsed", "Importing", "Imported"], steps.Select(s => s.QuerySelector("strong")!.TextContent));
        Assert.Contains("Passed unseen", Text(steps[1]), StringComparison.Ordinal);
        Assert.Contains("after 10 min 0 s", Text(steps[4]), StringComparison.Ordinal);
        Assert.Equal(Format.At(Sample.Time.AddMinutes(20)), steps[4].QuerySelector("ago-time")!.GetAttribute("at"));
    }

    [Theory]
    [InlineData("INITIATED")]
    [InlineData("PARSING")]
    [InlineData("PARSED")]
    [InlineData("IMPORTING")]
    [InlineData("IMPORTED")]
    [InlineData("FAILED")]
    public void Steps_EveryStatus_MarkExactlyThatStep(string status)
    {
        var now = Panel(Sample.Import with { Status = status }).Find("[aria-current=step]");

        Assert.Equal(ImportStatusWords.Parse(status).ToString(), now.QuerySelector("strong")!.TextContent);
    }

    [Theory]
    [InlineData(null, "Wix sent no status.")]
    [InlineData("", "Wix sent no status.")]
    [InlineData("ARCHIVED", "Wix sent the status \"ARCHIVED\", which this version does not know.")]
    public void Steps_UnknownStatus_SayWhatWixSent(string? status, string sentence)
    {
        var panel = Panel(Sample.Bare with { Status = status });

        Assert.Empty(panel.FindAll("[aria-current=step], .reached"));
        Assert.Contains(sentence, Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_NotAtTheEnd_SayHowOldTheSightingIs() =>
        Assert.Equal(Format.At(Sample.Time.AddMinutes(3)), Panel(Sample.Import with { Status = "PARSING" }).Find(".note ago-time").GetAttribute("at"));

    [Fact]
    public void Steps_Finished_SayNothingOfFollowing() => Assert.Empty(Panel(Sample.Import).FindAll(".note"));

    [Fact]
    public void Steps_TestEvent_SaysThatItGoesNoFurther()
    {
        var detail = Sample.Detail(Sample.Import with { Status = "PARSING" });

        var panel = Render<StepperPanel>(p => p.Add(c => c.Detail, detail with { Row = detail.Row with { IsTestEvent = true } }));

        Assert.Equal("A test event goes no further: Wix holds no such import.", Text(panel.Find(".note")));
    }

    private IRenderedComponent<StepperPanel> Panel(LoyaltyImport import) => Render<StepperPanel>(p => p.Add(c => c.Detail, Sample.Detail(import)));
}
