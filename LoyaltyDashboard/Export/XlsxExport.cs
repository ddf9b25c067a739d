using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>
/// A workbook written row by row into a zip that is only ever appended to, so that memory stays flat: real numbers and dates, a frozen bold heading, and text cells that are
/// never formulas. Rows past a sheet's end go on to the next sheet.
/// </summary>
internal sealed partial class XlsxExport(int rowsPerSheet = XlsxExport.MostRowsPerSheet)
{
    /// <summary>A sheet has 1,048,576 lines, one of them the heading.</summary>
    public const int MostRowsPerSheet = 1_048_575;

    private const int LongestCell = 32_767;
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Types = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

    // Indexes into the cell formats of the styles below.
    private const string DateStyle = "1";
    private const string HeadingStyle = "2";

    /// <summary>Writes all rows into a stream.</summary>
    public async Task WriteAsync(Stream output, IAsyncEnumerable<ImportRow> rows, CancellationToken cancellation)
    {
        using var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        var sheets = 0;
        XmlWriter? sheet = null;
        try
        {
            var count = 0;
            await foreach (var row in rows.WithCancellation(cancellation))
            {
                if (sheet is null || count == rowsPerSheet)
                {
                    sheet?.Dispose();
                    (sheet, count) = (BeginSheet(zip, ++sheets), 0);
                }

                WriteRow(sheet, row);
                count++;
            }

            (sheet ?? BeginSheet(zip, ++sheets)).Dispose();
            sheet = null;
        }
        finally
        {
            sheet?.Dispose();
        }

        WriteText(zip, "xl/styles.xml", Styles);
        WriteWorkbook(zip, sheets);
    }

    private static XmlWriter BeginSheet(ZipArchive zip, int number)
    {
        var xml = Part(zip, $"xl/worksheets/sheet{number}.xml");
        xml.WriteStartElement("worksheet", Main);
        xml.WriteRaw("""<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>""");
        xml.WriteStartElement("cols", Main);
        for (var i = 0; i < ExportColumns.All.Count; i++)
        {
            xml.WriteStartElement("col", Main);
            xml.WriteAttributeString("min", Text(i + 1));
            xml.WriteAttributeString("max", Text(i + 1));
            xml.WriteAttributeString("width", Text(ExportColumns.All[i].Width));
            xml.WriteAttributeString("customWidth", "1");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteStartElement("sheetData", Main);
        xml.WriteStartElement("row", Main);
        foreach (var column in ExportColumns.All)
        {
            WriteText(xml, column.Name, HeadingStyle);
        }

        xml.WriteEndElement();
        return xml;
    }

    private static void WriteRow(XmlWriter xml, ImportRow row)
    {
        xml.WriteStartElement("row", Main);
        foreach (var column in ExportColumns.All)
        {
            switch (column.Value(row))
            {
                case null: WriteValue(xml, null, null, null); break;
                case string text: WriteText(xml, text, null); break;
                case bool flag: WriteValue(xml, flag ? "1" : "0", "b", null); break;
                case DateTimeOffset time when time.Year >= 1900: WriteValue(xml, time.UtcDateTime.ToOADate().ToString("R", CultureInfo.InvariantCulture), null, DateStyle); break;
                case DateTimeOffset time: WriteText(xml, time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), null); break;
                case var number: WriteValue(xml, Convert.ToString(number, CultureInfo.InvariantCulture), null, null); break;
            }
        }

        xml.WriteEndElement();
    }

    private static void WriteValue(XmlWriter xml, string? value, string? type, string? style)
    {
        xml.WriteStartElement("c", Main);
        WriteAttributes(xml, type, style);
        if (value is not null)
        {
            xml.WriteElementString("v", Main, value);
        }

        xml.WriteEndElement();
    }

    private static void WriteText(XmlWriter xml, string text, string? style)
    {
        xml.WriteStartElement("c", Main);
        WriteAttributes(xml, "inlineStr", style);
        xml.WriteStartElement("is", Main);
        xml.WriteStartElement("t", Main);
        xml.WriteAttributeString("xml", "space", null, "preserve");
        xml.WriteString(EscapedUnit().Replace(Harmless(text), "_x005F_"));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteAttributes(XmlWriter xml, string? type, string? style)
    {
        if (style is not null)
        {
            xml.WriteAttributeString("s", style);
        }

        if (type is not null)
        {
            xml.WriteAttributeString("t", type);
        }
    }

    private static void WriteWorkbook(ZipArchive zip, int sheets)
    {
        var numbers = Enumerable.Range(1, sheets).ToList();
        WriteText(zip, "xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets>{string.Concat(numbers.Select(n => $"""<sheet name="{(n == 1 ? "Imports" : $"Imports {n}")}" sheetId="{n}" r:id="sheet{n}"/>"""))}</sheets></workbook>""");
        WriteText(zip, "xl/_rels/workbook.xml.rels", Relationships([.. numbers.Select(n => ($"sheet{n}", "worksheet", $"worksheets/sheet{n}.xml")), ("styles", "styles", "styles.xml")]));
        WriteText(zip, "_rels/.rels", Relationships([("workbook", "officeDocument", "xl/workbook.xml")]));
        WriteText(zip, "[Content_Types].xml", $"""
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{Types}sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{Types}styles+xml"/>{string.Concat(numbers.Select(n => $"""<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{Types}worksheet+xml"/>"""))}</Types>
            """);
    }

    private static string Relationships(IEnumerable<(string Id, string Kind, string Target)> targets) =>
        $"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{string.Concat(targets.Select(t => $"""<Relationship Id="{t.Id}" Type="{Relations}/{t.Kind}" Target="{t.Target}"/>"""))}</Relationships>""";

    private static XmlWriter Part(ZipArchive zip, string name) =>
        XmlWriter.Create(zip.CreateEntry(name, CompressionLevel.Fastest).Open(), new XmlWriterSettings { Encoding = new UTF8Encoding(false), CloseOutput = true });

    private static void WriteText(ZipArchive zip, string name, string xml)
    {
        using var part = new StreamWriter(zip.CreateEntry(name, CompressionLevel.Fastest).Open(), new UTF8Encoding(false));
        part.Write("""<?xml version="1.0" encoding="utf-8"?>""");
        part.Write(xml);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // XML cannot hold control characters and lone surrogates, and a cell no more than so many letters.
    private static string Harmless(string text)
    {
        var shortened = text.Length > LongestCell ? text[..(char.IsHighSurrogate(text[LongestCell - 1]) ? LongestCell - 1 : LongestCell)] : text;
        return string.Create(shortened.Length, shortened, static (letters, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                var isPair = (char.IsHighSurrogate(source[i]) && i + 1 < source.Length && char.IsLowSurrogate(source[i + 1])) || (i > 0 && char.IsLowSurrogate(source[i]) && char.IsHighSurrogate(source[i - 1]));
                letters[i] = isPair || XmlConvert.IsXmlChar(source[i]) ? source[i] : '\uFFFD';
            }
        });
    }

    private const string Styles = $"""
        <styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>
        """;

    // The format reads _x003D_ as an escaped "="; escaping its underscore keeps the text as it is.
    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex EscapedUnit();
}
