using Bunit;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class MappingPanelTests : ComponentTests
{
    [Fact]
    public void Mapping_Healthy_ShowsColumnHeadingAndFirstValues()
    {
        var text = Text(Panel());

        Assert.Contains("EMAIL Column 2 \"email\" ann@example.com, bob@example.com", text, StringComparison.Ordinal);
        Assert.Contains("POINTS Column 3 \"points\" 120, 35", text, StringComparison.Ordinal);
        Assert.Contains("Verdict OK", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_Swapped_SaysSoInASentence()
    {
        var panel = Panel(new ColumnMapping { ColumnName = "EMAIL", ColumnIndex = 2 }, new ColumnMapping { ColumnName = "POINTS", ColumnIndex = 1 });

        Assert.StartsWith("EMAIL and POINTS are swapped", Text(panel.Find(".findings li")), StringComparison.Ordinal);
        Assert.Contains("Verdict Swapped", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public void Mapping_OneFieldMissing_IsNotMapped() => Assert.Contains("POINTS Not mapped", Text(Panel(new ColumnMapping { ColumnName = "EMAIL", ColumnIndex = 1 })), StringComparison.Ordinal);

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Mapping_ColumnThatCannotBe_IsShownAsSent(long index) =>
        Assert.Contains($"EMAIL Column number {index}, which cannot be", Text(Panel(new ColumnMapping { ColumnName = "EMAIL", ColumnIndex = index })), StringComparison.Ordinal);

    [Fact]
    public void Mapping_HeadingIsEmpty_ShowsNoEmptyQuotes()
    {
        var import = Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { Header = new() { Values = ["", "", ""] } } };

        Assert.DoesNotContain("\"\"", Text(Render<MappingPanel>(p => p.Add(c => c.Detail, Sample.Detail(import)))), StringComparison.Ordinal);
    }

    private IRenderedComponent<MappingPanel> Panel(params ColumnMapping[] mappings)
    {
        var import = mappings.Length == 0 ? Sample.Import : Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { HeaderMappingInfo = new() { HeaderMappings = mappings } } };
        return Render<MappingPanel>(p => p.Add(c => c.Detail, Sample.Detail(import)));
    }
}
