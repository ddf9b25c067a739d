using Bunit;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class SampleTableTests : ComponentTests
{
    [Fact]
    public void Columns_Mapped_AreMarkedAndLabelled()
    {
        var table = Table(Sample.Import);

        Assert.Equal(["✉ EMAIL email", "★ POINTS points"], table.FindAll("th.mapped").Select(Text));
        Assert.Equal(["ann@example.com", "120", "bob@example.com", "35"], table.FindAll("td.mapped").Select(Text));
    }

    [Fact]
    public void Cells_ThatWixWillNotTake_SayWhy()
    {
        var faults = Table(Rows(["Ann", "no address", "1.5"], ["Bob", "", ""])).FindAll("td.wrong").Select(cell => cell.GetAttribute("title"));

        Assert.Equal(["\"no address\" does not look like an e-mail address", "\"1.5\" is not a whole number", "This cell is empty", "This cell is empty"], faults);
    }

    [Fact]
    public void Cells_Masked_AreQuietAndTheWrongOnesStillSayWhy()
    {
        var clear = Sample.Detail(Rows(["Ann", "ann@example.com", "120"], ["Bob", "no address", "1.5"]));
        var table = Render<SampleTable>(p => p.Add(c => c.Detail, clear with { LoyaltyImport = PersonalFields.Masked(clear.LoyaltyImport), IsMasked = true }));

        Assert.Equal(["Xxx", "a•••@e•••.com", "120", "Xxx", "xx xxxxxxx", "0.0"], table.FindAll("td").Select(Text));
        Assert.Equal(["Masked: operators may show it", "Masked: operators may show it", "Masked: operators may show it", "It does not look like an e-mail address. Masked: operators may show it", "It is not a whole number. Masked: operators may show it"], table.FindAll("td.masked").Select(cell => cell.GetAttribute("title")));
        Assert.Equal(2, table.FindAll("td.wrong.masked").Count);
    }

    [Fact]
    public void Preview_OfMaskedRows_SaysSo()
    {
        Reader = new("user:1", Role.Viewer, null, SeesClear: false);

        Assert.Equal("Personal data are masked; operators may show them", Text(Render<SamplePreview>(p => p.Add(c => c.Detail, Sample.Detail()).Add(c => c.Href, "x")).Find(".reveal-note")));
    }

    [Fact]
    public void Rows_OfDifferentLengths_KeepTheirColumns()
    {
        var table = Table(Rows(["Ann"], ["Bob", "bob@example.com", "1", "more", "and more"]));

        Assert.Equal(["name", "email", "points", "Column 4", "Column 5"], table.FindAll("th bdi").Select(Text));
        Assert.All(table.FindAll("tbody tr"), row => Assert.Equal(5, row.Children.Length));
    }

    [Theory]
    [InlineData("PARSED", "No sample rows yet")]
    [InlineData(null, "No sample rows yet")]
    [InlineData("IMPORTED", "Wix sent none")]
    [InlineData("FAILED", "Wix sent none")]
    public void Rows_None_SayWhetherAnyWillCome(string? status, string words) => Assert.Contains(words, Text(Table(Sample.Bare with { Status = status })), StringComparison.Ordinal);

    [Fact]
    public void Rows_WithoutCells_AreNoTable() => Assert.Empty(Table(Sample.Bare with { FileMetadata = new() { SampleDataRows = [new(), new()] } }).FindAll("table"));

    [Fact]
    public void Preview_LinksToThePageAndNamesTheMapping()
    {
        var preview = Render<SamplePreview>(p => p.Add(c => c.Detail, Sample.Detail()).Add(c => c.Href, "imports/1?status=FAILED"));

        Assert.Equal("imports/1?status=FAILED", preview.Find(".samples-foot a").GetAttribute("href"));
        Assert.Contains("EMAIL → column 2 \"email\" POINTS → column 3 \"points\"", Text(preview.Find(".samples-foot")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "EMAIL → no column")]
    [InlineData(7L, "EMAIL → column 8")]
    [InlineData(-1L, "EMAIL → column number -1, which cannot be")]
    public void Preview_ColumnWithoutAHeading_IsNamedByItsNumber(long? index, string words)
    {
        var import = Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { HeaderMappingInfo = new() { HeaderMappings = [new() { ColumnName = "EMAIL", ColumnIndex = index }] } } };

        Assert.Contains(words, Text(Render<SamplePreview>(p => p.Add(c => c.Detail, Sample.Detail(import)).Add(c => c.Href, "x")).Find(".samples-foot")), StringComparison.Ordinal);
    }

    private static LoyaltyImport Rows(params string[][] rows) => Sample.Import with { FileMetadata = Sample.Import.FileMetadata! with { SampleDataRows = [.. rows.Select(row => new SampleDataRow { Values = row })] } };

    private IRenderedComponent<SampleTable> Table(LoyaltyImport import) => Render<SampleTable>(p => p.Add(c => c.Detail, Sample.Detail(import)));
}
