using System.Collections.Immutable;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>The columns of CSV and XLSX, in the order that scripts rely on.</summary>
internal static class ExportColumns
{
    /// <summary>Column, name, and width in characters for a sheet.</summary>
    public static ImmutableArray<(ImportColumn Column, string Name, int Width)> All { get; } =
    [
        (ImportColumn.Id, "id", 38),
        (ImportColumn.InstanceId, "instanceId", 38),
        (ImportColumn.Site, "site", 24),
        (ImportColumn.Status, "status", 12),
        (ImportColumn.Revision, "revision", 9),
        (ImportColumn.CreatedDate, "createdDate", 20),
        (ImportColumn.UpdatedDate, "updatedDate", 20),
        (ImportColumn.FileName, "fileName", 32),
        (ImportColumn.FileSize, "fileSize", 12),
        (ImportColumn.EmailColumn, "emailColumn", 16),
        (ImportColumn.PointsColumn, "pointsColumn", 16),
        (ImportColumn.ParsedRowCount, "parsedRowCount", 15),
        (ImportColumn.ParseErrorReason, "parseErrorReason", 28),
        (ImportColumn.SuccessCount, "successCount", 13),
        (ImportColumn.FailureCount, "failureCount", 13),
        (ImportColumn.ErrorFileExists, "errorFileExists", 14),
        (ImportColumn.Mapping, "mapping", 12),
    ];
}
