using System.Globalization;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Export;

public sealed class XlsxExportTests
{
    private static readonly string[] _columns =
        ["id", "instanceId", "site", "status", "revision", "createdDate", "updatedDate", "fileName", "fileSize", "emailColumn", "pointsColumn", "parsedRowCount", "parseErrorReason", "successCount", "failureCount", "errorFileExists", "mapping"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workbook_is_valid_and_has_the_columns_in_the_order_scripts_rely_on()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full, Rows.Bare);

        Assert.Empty(new OpenXmlValidator().Validate(book, Stop).Select(e => e.Description));
        Assert.Equal(_columns, Cells(book, 0)[0].Select(c => c.InnerText));
    }

    [Fact]
    public async Task Heading_is_frozen_and_bold()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full);
        var sheet = Sheets(book)[0];

        var pane = sheet.Descendants<Pane>().Single();
        Assert.Equal((1d, PaneStateValues.Frozen, "A2"), (pane.VerticalSplit!.Value, pane.State!.Value, pane.TopLeftCell!.Value));
        var style = book.WorkbookPart!.WorkbookStylesPart!.Stylesheet!;
        var font = style.CellFormats!.Elements<CellFormat>().ElementAt((int)Cells(book, 0)[0][0].StyleIndex!.Value).FontId!.Value;
        Assert.NotNull(style.Fonts!.Elements<Font>().ElementAt((int)font).Bold);
    }

    [Fact]
    public async Task Numbers_times_and_booleans_are_real_ones()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { FileSize = -5 });
        var row = Cells(book, 0)[1];

        Assert.Equal((null, "-5"), (row[8].DataType, row[8].CellValue!.Text));
        Assert.Equal((CellValues.Boolean, "1"), (row[15].DataType!.Value, row[15].CellValue!.Text));
        Assert.Equal(Rows.Then.UtcDateTime, DateTime.FromOADate(double.Parse(row[5].CellValue!.Text, CultureInfo.InvariantCulture)));
        var format = book.WorkbookPart!.WorkbookStylesPart!.Stylesheet!.CellFormats!.Elements<CellFormat>().ElementAt((int)row[5].StyleIndex!.Value);
        Assert.Equal("yyyy-mm-dd hh:mm:ss", book.WorkbookPart.WorkbookStylesPart.Stylesheet.NumberingFormats!.Elements<NumberingFormat>().Single(f => f.NumberFormatId!.Value == format.NumberFormatId!.Value).FormatCode!.Value);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData(" blanks around ")]
    [InlineData("<b>&amp;</b>")]
    [InlineData("日本語 😀")]
    public async Task Text_is_inline_text_as_it_is_and_never_a_formula(string text)
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { FileName = text });
        var cell = Cells(book, 0)[1][7];

        Assert.Equal((CellValues.InlineString, text), (cell.DataType!.Value, cell.InlineString!.Text!.Text));
        Assert.Empty(Sheets(book)[0].Descendants<CellFormula>());
    }

    [Fact]
    public async Task Control_characters_and_lone_surrogates_become_harmless()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { FileName = "a\0b\u0007c\uD800d\uDC00e\uFFFEf😀" });

        Assert.Equal("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf😀", Cells(book, 0)[1][7].InlineString!.Text!.Text);
    }

    [Theory]
    [InlineData(40_000, 32_767)]
    [InlineData(32_767, 32_767)]
    public async Task Endless_text_is_cut_to_what_a_cell_holds(int length, int kept)
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { FileName = new string('x', length) });

        Assert.Equal(kept, Cells(book, 0)[1][7].InlineString!.Text!.Text.Length);
    }

    [Fact]
    public async Task Cut_never_splits_a_pair()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { FileName = "x" + string.Concat(Enumerable.Repeat("😀", 20_000)) });

        var text = Cells(book, 0)[1][7].InlineString!.Text!.Text;
        Assert.Equal(32_767, text.Length);
        Assert.EndsWith("😀", text);
    }

    [Fact]
    public async Task Rows_past_the_end_of_a_sheet_go_on_to_the_next_with_its_own_heading()
    {
        using var book = await WriteAsync(new XlsxExport(rowsPerSheet: 2), [.. Enumerable.Range(0, 5).Select(i => Rows.Full with { Id = $"{i}" })]);

        Assert.Equal(["Imports", "Imports 2", "Imports 3"], book.WorkbookPart!.Workbook!.Descendants<Sheet>().Select(s => s.Name!.Value));
        Assert.Equal(["id 0 1", "id 2 3", "id 4"], Enumerable.Range(0, 3).Select(i => string.Join(' ', Cells(book, i).Select(row => row[0].InnerText))));
    }

    [Fact]
    public async Task Rows_that_just_fill_a_sheet_begin_no_other()
    {
        using var book = await WriteAsync(new XlsxExport(rowsPerSheet: 2), Rows.Full, Rows.Bare);

        Assert.Single(Sheets(book));
    }

    [Fact]
    public async Task Empty_list_is_a_sheet_with_its_heading()
    {
        using var book = await WriteAsync(new XlsxExport());

        Assert.Equal(_columns, Assert.Single(Cells(book, 0)).Select(c => c.InnerText));
    }

    [Fact]
    public async Task Absent_values_are_empty_cells_in_their_places()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Bare);

        Assert.Equal(["import-2", .. Enumerable.Repeat("", 15), "unknown"], Cells(book, 0)[1].Select(c => c.InnerText));
    }

    [Fact]
    public async Task Time_that_a_sheet_cannot_hold_is_text()
    {
        using var book = await WriteAsync(new XlsxExport(), Rows.Full with { Created = DateTimeOffset.MinValue, Updated = DateTimeOffset.MaxValue });

        Assert.Equal((CellValues.InlineString, "0001-01-01T00:00:00.0000000Z"), (Cells(book, 0)[1][5].DataType!.Value, Cells(book, 0)[1][5].InnerText));
        Assert.Empty(new OpenXmlValidator().Validate(book, Stop).Select(e => e.Description));
    }

    [Fact]
    public async Task Reader_that_goes_away_ends_the_query()
    {
        using var gone = new CancellationTokenSource();
        using var stream = new MemoryStream();
        var ended = new TaskCompletionSource();
        var write = new XlsxExport().WriteAsync(stream, Rows.Gated([Rows.Cells(Rows.Full), Rows.Cells(Rows.Bare)], new TaskCompletionSource().Task, ended), gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.True(ended.Task.IsCompleted);
    }

    private static async Task<SpreadsheetDocument> WriteAsync(XlsxExport export, params ImportRow[] rows)
    {
        var stream = new MemoryStream();
        await export.WriteAsync(stream, Rows.Pieces(rows), Stop);
        stream.Position = 0;
        return SpreadsheetDocument.Open(stream, isEditable: false);
    }

    private static List<Worksheet> Sheets(SpreadsheetDocument book) =>
        [.. book.WorkbookPart!.Workbook!.Descendants<Sheet>().Select(sheet => ((WorksheetPart)book.WorkbookPart.GetPartById(sheet.Id!.Value!)).Worksheet!)];

    private static List<List<Cell>> Cells(SpreadsheetDocument book, int sheet) => [.. Sheets(book)[sheet].Descendants<Row>().Select(row => row.Elements<Cell>().ToList())];
}
