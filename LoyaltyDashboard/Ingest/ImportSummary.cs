using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>What the narrow row and the search text say of an import.</summary>
internal static class ImportSummary
{
    /// <summary>Heading of the column mapped to a field; its index where there is no heading; null when it is not mapped to one.</summary>
    public static string? MappedColumn(LoyaltyImport import, string field)
    {
        var index = import.FileMetadata?.HeaderMappingInfo?.HeaderMappings?.FirstOrDefault(m => m.ColumnName == field)?.ColumnIndex;
        if (index is null)
        {
            return null;
        }

        // Where the first line is data, there is no heading, and what stands there is somebody's.
        var headings = import.FileMetadata?.Header?.Values;
        return headings is not null && !PersonalData.IsRow(headings) && index >= 0 && index < headings.Count && headings[(int)index].Length > 0
            ? headings[(int)index]
            : index.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The text that <c>q</c> searches.</summary>
    public static string SearchText(LoyaltyImport import, EventMetadata? theEvent, string? instanceId)
    {
        // Where the first line is data, its cells are shown to few, and found by nobody.
        var headings = import.FileMetadata?.Header?.Values ?? [];
        IEnumerable<string?> parts =
        [
            import.FileMetadata?.Name, import.Id, import.AsyncImportJobId, instanceId, theEvent?.Id, import.ParseResult?.ParseErrorReason,
            .. PersonalData.IsRow(headings) ? [] : headings,
        ];
        return SearchedText.Of(string.Join('\n', parts.Where(part => !string.IsNullOrEmpty(part))));
    }
}
