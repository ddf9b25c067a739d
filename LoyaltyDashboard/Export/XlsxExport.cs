using System.Buffers;
using System.IO.Compression;
using System.Text;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>
/// A workbook written row by row into a zip that is only ever appended to, and sent as it grows, so that memory stays flat: real numbers and dates, a frozen bold heading, and
/// text cells that are never formulas. Rows past a sheet's end go on to the next sheet.
/// </summary>
internal sealed class XlsxExport(int rowsPerSheet = XlsxExport.MostRowsPerSheet)
{
    /// <summary>A sheet has 1,048,576 lines, one of them the heading.</summary>
    public const int MostRowsPerSheet = 1_048_575;

    private const int SendAt = 32 * 1024;
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Types = "application/vnd.openxmlformats-officedocument.spreadsheetml.";

    private static readonly byte[] _sheetBegin = Encoding.UTF8.GetBytes($"""
        <?xml version="1.0" encoding="utf-8"?><worksheet xmlns="{Main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>{string.Concat(ExportColumns.All.Select((c, i) => $"""<col min="{i + 1}" max="{i + 1}" width="{c.Width}" customWidth="1"/>"""))}</cols><sheetData><row>{string.Concat(ExportColumns.All.Select(c => $"""<c s="{XlsxRow.HeadingStyle}" t="inlineStr"><is><t xml:space="preserve">{c.Name}</t></is></c>"""))}</row>
        """);

    private readonly ArrayBufferWriter<byte> _xml = new(2 * SendAt);

    /// <summary>Writes all rows into a stream; the beginning is sent before the first row is read.</summary>
    public async Task WriteAsync(Stream output, IAsyncEnumerable<ImportCells> pieces, CancellationToken cancellation)
    {
        // A zip is written without waiting for the client, which Kestrel does not allow, so it is written into memory and sent from there.
        using var zipped = new Appended();
        using (var zip = new ZipArchive(zipped, ZipArchiveMode.Create, leaveOpen: true))
        {
            var (sheets, count) = (1, 0);
            var sheet = BeginSheet(zip, sheets);
            try
            {
                await zipped.SendAsync(output, cancellation);
                await foreach (var rows in pieces.WithCancellation(cancellation))
                {
                    for (var row = 0; row < rows.Rows; row++, count++)
                    {
                        if (count == rowsPerSheet)
                        {
                            EndSheet(sheet);
                            (sheet, count) = (BeginSheet(zip, ++sheets), 0);
                        }

                        XlsxRow.Write(_xml, rows, row);
                        if (_xml.WrittenCount >= SendAt)
                        {
                            Zip(sheet);
                            if (zipped.Length >= SendAt)
                            {
                                await zipped.SendAsync(output, cancellation);
                            }
                        }
                    }
                }

                EndSheet(sheet);
            }
            finally
            {
                await sheet.DisposeAsync();
            }

            WritePart(zip, "xl/styles.xml", Styles);
            WriteWorkbook(zip, sheets);
        }

        await zipped.SendAsync(output, cancellation);
    }

    private Stream BeginSheet(ZipArchive zip, int number)
    {
        var sheet = zip.CreateEntry($"xl/worksheets/sheet{number}.xml", CompressionLevel.Fastest).Open();
        _xml.Write(_sheetBegin);
        Zip(sheet);
        return sheet;
    }

    private void EndSheet(Stream sheet)
    {
        _xml.Write("</sheetData></worksheet>"u8);
        Zip(sheet);
        sheet.Dispose();
    }

    private void Zip(Stream part)
    {
        part.Write(_xml.WrittenSpan);
        _xml.ResetWrittenCount();
    }

    private void WriteWorkbook(ZipArchive zip, int sheets)
    {
        var numbers = Enumerable.Range(1, sheets).ToList();
        WritePart(zip, "xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets>{string.Concat(numbers.Select(n => $"""<sheet name="{(n == 1 ? "Imports" : $"Imports {n}")}" sheetId="{n}" r:id="sheet{n}"/>"""))}</sheets></workbook>""");
        WritePart(zip, "xl/_rels/workbook.xml.rels", Relationships([.. numbers.Select(n => ($"sheet{n}", "worksheet", $"worksheets/sheet{n}.xml")), ("styles", "styles", "styles.xml")]));
        WritePart(zip, "_rels/.rels", Relationships([("workbook", "officeDocument", "xl/workbook.xml")]));
        WritePart(zip, "[Content_Types].xml", $"""
            <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{Types}sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{Types}styles+xml"/>{string.Concat(numbers.Select(n => $"""<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{Types}worksheet+xml"/>"""))}</Types>
            """);
    }

    private static string Relationships(IEnumerable<(string Id, string Kind, string Target)> targets) =>
        $"""<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{string.Concat(targets.Select(t => $"""<Relationship Id="{t.Id}" Type="{Relations}/{t.Kind}" Target="{t.Target}"/>"""))}</Relationships>""";

    private void WritePart(ZipArchive zip, string name, string xml)
    {
        using var part = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        Encoding.UTF8.GetBytes($"""<?xml version="1.0" encoding="utf-8"?>{xml}""", _xml);
        Zip(part);
    }

    private const string Styles = $"""
        <styleSheet xmlns="{Main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>
        """;

    // What cannot be rewound is only ever appended to, so it may be emptied at any time.
    private sealed class Appended : MemoryStream
    {
        public override bool CanSeek => false;

        // Waits while the client has too much to read already.
        public async ValueTask SendAsync(Stream output, CancellationToken cancellation)
        {
            await output.WriteAsync(GetBuffer().AsMemory(0, (int)Length), cancellation);
            await output.FlushAsync(cancellation);
            SetLength(0);
        }
    }
}
