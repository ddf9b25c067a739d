using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>One row of a sheet.</summary>
internal static class XlsxRow
{
    /// <summary>Index of the headings' format in the workbook's styles; 1 is that of dates.</summary>
    public const string HeadingStyle = "2";

    // Room for any number, or time as text.
    private const int LongestValue = 32;

    // The first year a sheet can count from.
    private const int FirstYear = 1900;

    /// <summary>Writes it. A column without a value is an empty cell, so that the others stay in their places.</summary>
    public static void Write(ArrayBufferWriter<byte> xml, ImportCells rows, int row)
    {
        xml.Write("<row>"u8);
        foreach (var (column, _, _) in ExportColumns.All)
        {
            WriteCell(xml, rows[row, column]);
        }

        xml.Write("</row>"u8);
    }

    private static void WriteCell(ArrayBufferWriter<byte> xml, ImportCell cell)
    {
        int length;
        switch (cell.Kind)
        {
            case CellKind.Absent:
                xml.Write("<c/>"u8);
                break;
            case CellKind.Number:
                xml.Write("<c><v>"u8);
                xml.Advance(Utf8Formatter.TryFormat(cell.Number, xml.GetSpan(LongestValue), out length) ? length : 0);
                xml.Write("</v></c>"u8);
                break;
            case CellKind.Flag:
                xml.Write(cell.Flag ? "<c t=\"b\"><v>1</v></c>"u8 : "<c t=\"b\"><v>0</v></c>"u8);
                break;
            case CellKind.Time when cell.Time.Year >= FirstYear:
                xml.Write("<c s=\"1\"><v>"u8);
                xml.Advance(cell.Time.UtcDateTime.ToOADate().TryFormat(xml.GetSpan(LongestValue), out length, "R", CultureInfo.InvariantCulture) ? length : 0);
                xml.Write("</v></c>"u8);
                break;
            case CellKind.Time:
                BeginText(xml);
                xml.Advance(cell.Time.UtcDateTime.TryFormat(xml.GetSpan(LongestValue), out length, "O", CultureInfo.InvariantCulture) ? length : 0);
                EndText(xml);
                break;
            case CellKind.Text:
                BeginText(xml);
                XlsxText.Write(xml, cell.Text);
                EndText(xml);
                break;
        }
    }

    private static void BeginText(ArrayBufferWriter<byte> xml) => xml.Write("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">"u8);

    private static void EndText(ArrayBufferWriter<byte> xml) => xml.Write("</t></is></c>"u8);
}
