using AngleSharp.Dom;
using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.Components;

namespace LoyaltyDashboard.Tests.Components.Panels;

/// <summary>Whatever Wix leaves out, no panel breaks, and none passes off nothing as something.</summary>
public sealed class AbsenceTests : ComponentTests
{
    private static readonly string[] _neverShown = ["N/A", "null", "undefined", "Exception", "NaN", "System."];

    [Theory]
    [MemberData(nameof(Sample.ImportPaths), MemberType = typeof(Sample))]
    public void EveryPanel_OneFieldOfTheImportAbsent_SaysSo(string path) => RenderAll(Sample.Detail(Sample.Without(Sample.Import, path)));

    [Theory]
    [MemberData(nameof(Sample.EventPaths), MemberType = typeof(Sample))]
    public void EveryPanel_OneFieldOfTheEventAbsent_SaysSo(string path) => RenderAll(Sample.Detail(Sample.Import, Sample.Without(Sample.Event, path)));

    [Fact]
    public void EveryPanel_EverythingSent_ShowsNothingAsAbsent()
    {
        var shown = RenderAll(Sample.Detail());

        Assert.DoesNotContain("Not known yet", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("–", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryPanel_OnlyTheId_SaysSo()
    {
        var row = Sample.Row(Sample.Bare) with { Site = null };

        var shown = RenderAll(Sample.Detail(Sample.Bare, null) with { Row = row, Observations = [], EventDelivery = null });

        Assert.Contains("Not known yet", shown, StringComparison.Ordinal);
        Assert.Contains(Sample.Bare.Id, shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ImportStatus.Unknown)]
    [InlineData(ImportStatus.Initiated)]
    [InlineData(ImportStatus.Parsing)]
    [InlineData(ImportStatus.Parsed)]
    [InlineData(ImportStatus.Importing)]
    [InlineData(ImportStatus.Imported)]
    [InlineData(ImportStatus.Failed)]
    public void EveryPanel_OnlyIdAndStatus_SaysSo(ImportStatus status) => RenderAll(Sample.Detail(Sample.Bare with { Status = status.ToWord() }, null));

    [Fact]
    public void EveryPanel_EmptyListsAndTexts_SaysSo() => RenderAll(Sample.Detail(Sample.Bare with
    {
        Status = string.Empty,
        Revision = string.Empty,
        FileMetadata = new() { Name = string.Empty, Url = string.Empty, Header = new() { Values = [] }, HeaderMappingInfo = new() { HeaderMappings = [] }, SampleDataRows = [] },
        ParseResult = new() { ParseErrorReason = string.Empty },
        ImportResult = new(),
    }));

    [Fact]
    public void EveryPanel_RowsAndMappingsWithNothingInThem_SaysSo() => RenderAll(Sample.Detail(Sample.Bare with
    {
        FileMetadata = new() { HeaderMappingInfo = new() { HeaderMappings = [new(), new() { ColumnName = "EMAIL" }] }, SampleDataRows = [new(), new() { Values = [] }] },
    }));

    private string RenderAll(ImportDetail detail) => string.Join('\n',
        Shown<MappingPanel>(detail), Shown<ResultPanel>(detail), Shown<FilePanel>(detail), Shown<EventPanel>(detail), Shown<HistoryPanel>(detail), Shown<StepperPanel>(detail),
        Shown<SampleTable>(detail), Shown<SamplePreview>(detail));

    private string Shown<T>(ImportDetail detail) where T : IComponent =>
        Shown<T>(typeof(T) == typeof(SamplePreview) ? new Dictionary<string, object> { ["Detail"] = detail, ["Href"] = "imports/1" } : new() { ["Detail"] = detail });

    private string Shown<T>(Dictionary<string, object> parameters) where T : IComponent => Check(Render<DynamicComponent>(p => p.Add(c => c.Type, typeof(T)).Add(c => c.Parameters, parameters)));

    private static string Check(IRenderedComponent<DynamicComponent> rendered)
    {
        var text = Text(rendered);
        Assert.All(_neverShown, word => Assert.DoesNotContain(word, text, StringComparison.Ordinal));
        Assert.All(rendered.FindAll("dd, b, strong, li"), value => Assert.NotEqual("0", Text(value)));
        Assert.All(rendered.FindAll("dd, li"), value => Assert.True(value.TextContent.Trim().Length > 0 || value.QuerySelector("ago-time[at]") is not null, $"Empty: {value.OuterHtml}"));
        Assert.All(rendered.FindAll("*").Where(e => e.ChildNodes.OfType<IText>().Any(t => t.Data.Trim() == "–")), dash =>
            Assert.False(string.IsNullOrEmpty(dash.Closest("[title]")?.GetAttribute("title")), $"A dash without a reason: {dash.OuterHtml}"));
        return text;
    }
}
