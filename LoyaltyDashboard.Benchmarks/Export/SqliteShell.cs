using System.ComponentModel;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Export;

/// <summary>The peer: the <c>sqlite3</c> shell, writing the same rows as CSV into a file.</summary>
internal static class SqliteShell
{
    private const string FromAndJoin = "FROM imports AS i LEFT JOIN sites AS s ON s.RowId = i.SiteRowId";

    /// <summary>The columns of an export in the text forms of an export, as far as SQL can say them.</summary>
    public static string AsExported { get; } = $"""
        SELECT {Guid("i.Id")} AS id, {Guid("s.InstanceId")} AS instanceId, s.Name AS site,
        coalesce(i.StatusWord, CASE i.Status WHEN 1 THEN 'INITIATED' WHEN 2 THEN 'PARSING' WHEN 3 THEN 'PARSED' WHEN 4 THEN 'IMPORTING' WHEN 5 THEN 'IMPORTED' WHEN 6 THEN 'FAILED' END) AS status,
        i.Revision AS revision, {Time("i.Created")} AS createdDate, {Time("i.Updated")} AS updatedDate, i.FileName AS fileName, i.FileSize AS fileSize, i.EmailColumn AS emailColumn,
        i.PointsColumn AS pointsColumn, i.ParsedRowCount AS parsedRowCount, i.ParseErrorReason AS parseErrorReason, i.SuccessCount AS successCount, i.FailureCount AS failureCount,
        CASE i.ErrorFileExists WHEN 1 THEN 'true' WHEN 0 THEN 'false' END AS errorFileExists,
        CASE i.Verdict WHEN 0 THEN 'unknown' WHEN 1 THEN 'healthy' WHEN 2 THEN 'suspicious' WHEN 3 THEN 'broken' END AS mapping {FromAndJoin}
        """;

    /// <summary>The same columns as they are stored: ids as bytes, times and words as numbers. Less work than an export has.</summary>
    public static string AsStored { get; } = $"""
        SELECT i.Id, s.InstanceId, s.Name, coalesce(i.StatusWord, i.Status), i.Revision, i.Created, i.Updated, i.FileName, i.FileSize, i.EmailColumn, i.PointsColumn, i.ParsedRowCount,
        i.ParseErrorReason, i.SuccessCount, i.FailureCount, i.ErrorFileExists, i.Verdict {FromAndJoin}
        """;

    /// <summary>Newest arrival first.</summary>
    public const string ByArrival = " ORDER BY i.Arrived DESC, i.RowId DESC";

    /// <summary>As <c>sort=file</c>.</summary>
    public const string ByFile = " ORDER BY i.FileName IS NULL, i.FileName DESC, i.Arrived DESC, i.RowId DESC";

    /// <summary>Writes the file and deletes it again.</summary>
    /// <param name="database">Of which database.</param>
    /// <param name="query">Which rows.</param>
    /// <returns>Seconds it took.</returns>
    /// <exception cref="InvalidOperationException">There is no <c>sqlite3</c> on this machine, or it did not like the question.</exception>
    public static async Task<double> WriteAsync(string database, string query)
    {
        using var folder = new TempFolder();
        var clock = Stopwatch.StartNew();
        try
        {
            await ShellCommand.RunAsync("sh", ["-c", "exec sqlite3 -csv -header \"$1\" \"$2\" > \"$3\"", "sh", database, query, folder.File("peer.csv")], folder.Path);
        }
        catch (Exception exception) when (exception is Win32Exception || exception.Message.Contains("not found", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("The peer of this measurement is the sqlite3 shell, which is not installed: apt-get install sqlite3, or brew install sqlite.", exception);
        }

        return clock.Elapsed.TotalSeconds;
    }

    private static string Guid(string column) =>
        $"lower(substr(hex({column}), 1, 8) || '-' || substr(hex({column}), 9, 4) || '-' || substr(hex({column}), 13, 4) || '-' || substr(hex({column}), 17, 4) || '-' || substr(hex({column}), 21))";

    private static string Time(string column) => $"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1e7, 'unixepoch')";
}
