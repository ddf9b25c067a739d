using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>The columns of CSV and XLSX, in the order that scripts rely on.</summary>
internal static class ExportColumns
{
    /// <summary>Name, width in characters for a sheet, and value: text, number, boolean, time, or null.</summary>
    public static IReadOnlyList<(string Name, int Width, Func<ImportRow, object?> Value)> All { get; } =
    [
        ("id", 38, row => row.Id),
        ("instanceId", 38, row => row.Site?.InstanceId),
        ("site", 24, row => row.Site?.Name),
        ("status", 12, row => row.StatusText),
        ("revision", 9, row => row.Revision),
        ("createdDate", 20, row => row.Created),
        ("updatedDate", 20, row => row.Updated),
        ("fileName", 32, row => row.FileName),
        ("fileSize", 12, row => row.FileSize),
        ("emailColumn", 16, row => row.EmailColumn),
        ("pointsColumn", 16, row => row.PointsColumn),
        ("parsedRowCount", 15, row => row.ParsedRowCount),
        ("parseErrorReason", 28, row => row.ParseErrorReason),
        ("successCount", 13, row => row.SuccessCount),
        ("failureCount", 13, row => row.FailureCount),
        ("errorFileExists", 14, row => row.ErrorFileExists),
        ("mapping", 12, row => ImportFilterQuery.ToWord(row.Verdict)),
    ];
}
