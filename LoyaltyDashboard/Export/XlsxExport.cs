using System.Globalization;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>
/// A workbook written row by row, so that memory stays flat: real numbers and dates, a frozen bold heading, and text cells that are never formulas. Rows past a sheet's
/// end go on to the next sheet.
/// </summary>
internal sealed partial class XlsxExport(int rowsPerSheet = XlsxExport.MostRowsPerSheet)
{
    /// <summary>A sheet has 1,048,576 lines, one of them the heading.</summary>
    public const int MostRowsPerSheet = 1_048_575;

    private const int LongestCell = 32_767;
    private const uint DateStyle = 1;
    private const uint HeadingStyle = 2;

    /// <summary>Writes all rows into a stream that can seek.</summary>
    public async Task WriteAsync(Stream output, IAsyncEnumerable<ImportRow> rows, CancellationToken cancellation)
    {
        using var document = SpreadsheetDocument.Create(output, SpreadsheetDocumentType.Workbook);
        var workbook = document.AddWorkbookPart();
        workbook.AddNewPart<WorkbookStylesPart>().Stylesheet = Styles();
        var sheets = new List<Sheet>();
        OpenXmlWriter? writer = null;
        var count = 0;
        try
        {
            await foreach (var row in rows.WithCancellation(cancellation))
            {
                if (writer is null || count == rowsPerSheet)
                {
                    EndSheet(writer);
                    (writer, count) = (BeginSheet(workbook, sheets), 0);
                }

                WriteRow(writer, row);
                count++;
            }

            EndSheet(writer ??= BeginSheet(workbook, sheets));
            writer = null;
        }
        finally
        {
            writer?.Dispose();
        }

        workbook.Workbook = new Workbook(new Sheets(sheets));
    }

    private static OpenXmlWriter BeginSheet(WorkbookPart workbook, List<Sheet> sheets)
    {
        var part = workbook.AddNewPart<WorksheetPart>();
        sheets.Add(new Sheet { Id = workbook.GetIdOfPart(part), SheetId = (uint)sheets.Count + 1, Name = sheets.Count == 0 ? "Imports" : $"Imports {sheets.Count + 1}" });
        var writer = OpenXmlWriter.Create(part);
        writer.WriteStartElement(new Worksheet());
        writer.WriteElement(new SheetViews(new SheetView(
            new Pane { VerticalSplit = 1, TopLeftCell = "A2", ActivePane = PaneValues.BottomLeft, State = PaneStateValues.Frozen })
        { WorkbookViewId = 0 }));
        writer.WriteElement(new Columns(ExportColumns.All.Select((column, i) => new Column { Min = (uint)i + 1, Max = (uint)i + 1, Width = column.Width, CustomWidth = true })));
        writer.WriteStartElement(new SheetData());
        writer.WriteElement(new Row(ExportColumns.All.Select(column => Text(column.Name, HeadingStyle))));
        return writer;
    }

    private static void EndSheet(OpenXmlWriter? writer)
    {
        if (writer is not null)
        {
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.Dispose();
        }
    }

    private static void WriteRow(OpenXmlWriter writer, ImportRow row) => writer.WriteElement(new Row(ExportColumns.All.Select(column => column.Value(row) switch
    {
        null => new Cell(),
        string text => Text(text, 0),
        bool flag => new Cell { DataType = CellValues.Boolean, CellValue = new CellValue(flag ? "1" : "0") },
        DateTimeOffset time when time.Year >= 1900 => new Cell { StyleIndex = DateStyle, CellValue = new CellValue(time.UtcDateTime.ToOADate().ToString("R", CultureInfo.InvariantCulture)) },
        DateTimeOffset time => Text(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), 0),
        var number => new Cell { CellValue = new CellValue(Convert.ToString(number, CultureInfo.InvariantCulture)!) },
    })));

    private static Cell Text(string text, uint style) => new(new InlineString(new Text(EscapedUnit().Replace(Harmless(text), "_x005F_")) { Space = SpaceProcessingModeValues.Preserve })) { DataType = CellValues.InlineString, StyleIndex = style };

    // XML cannot hold control characters and lone surrogates, and a cell no more than so many letters.
    private static string Harmless(string text)
    {
        var shortened = text.Length > LongestCell ? text[..(char.IsHighSurrogate(text[LongestCell - 1]) ? LongestCell - 1 : LongestCell)] : text;
        return string.Create(shortened.Length, shortened, static (letters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                var isPair = (char.IsHighSurrogate(source[i]) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1])) || (i > 0 && char.IsLowSurrogate(source[i]) && char.IsHighSurrogate(source[i - 1]));
                letters[i] = isPair || System.Xml.XmlConvert.IsXmlChar(source[i]) ? source[i] : '\uFFFD';
            }
        });
    }

    private static Stylesheet Styles() => new(
        new NumberingFormats(new NumberingFormat { NumberFormatId = 164, FormatCode = "yyyy-mm-dd hh:mm:ss" }),
        new Fonts(new Font(), new Font(new Bold())),
        new Fills(new Fill(new PatternFill { PatternType = PatternValues.None }), new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border()),
        new CellStyleFormats(new CellFormat()),
        new CellFormats(new CellFormat(), new CellFormat { NumberFormatId = 164, ApplyNumberFormat = true }, new CellFormat { FontId = 1, ApplyFont = true }));

    // The format reads _x003D_ as an escaped "="; escaping its underscore keeps the text as it is.
    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex EscapedUnit();
}
