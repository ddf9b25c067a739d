using System.Data.Common;
using System.Globalization;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// The KPI tiles in one look through the last 24 hours of the index by arrival, which holds all they add up. It looks hour by hour, so that nothing has to be sorted into hours.
/// </summary>
internal static class TilesQuestion
{
    private const int Hours = 24;

    // Up to here a double holds every whole number.
    private const double LargestSum = 1L << 53;

    /// <summary>Asks for the tiles.</summary>
    /// <param name="sql">Where to ask.</param>
    /// <param name="now">The end of the last hour.</param>
    /// <param name="limit">Instance ids of the sites whose imports count; null: all count.</param>
    public static async Task<ImportTiles> AskAsync(ListSql sql, DateTimeOffset now, IReadOnlyList<string>? limit)
    {
        var ofSites = limit is null ? "" : $"AND i.SiteRowId IN {ImportFiltering.Sites(limit, sql)}";
        var hours = await sql.AskAsync(string.Join(" UNION ALL ", Enumerable.Range(0, Hours).Select(hour => OfHour(sql, now, hour, ofSites))), Read);
        var perHour = new int[Hours];
        foreach (var hour in hours)
        {
            perHour[hour.Number] = hour.Arrived;
        }

        return new(perHour.Sum(), perHour, hours.Sum(h => h.Moving), hours.Sum(h => h.Waiting), hours.Sum(h => h.Failed), Rows(hours.Sum(h => h.RowsImported)), Rows(hours.Sum(h => h.RowsFailed)));
    }

    private static Hour Read(DbDataReader row) => new(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4), row.GetDouble(5), row.GetDouble(6));

    // What arrives ahead of the clock counts to the last hour.
    private static string OfHour(ListSql sql, DateTimeOffset now, int hour, string ofSites)
    {
        var from = UtcTicks.From(now - TimeSpan.FromHours(Hours - hour));
        var until = hour == Hours - 1 ? "" : $"AND i.Arrived < {sql.Value(from + TimeSpan.TicksPerHour)}";
        // Counts are whatever was sent: two huge ones would overflow a sum of integers.
        return string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {hour}, COUNT(*), {Of(ImportStatus.Parsing, ImportStatus.Importing)}, {Of(ImportStatus.Parsed)}, {Of(ImportStatus.Failed)},
                COALESCE(SUM(CAST(i.SuccessCount AS REAL)) FILTER (WHERE i.Status = {(int)ImportStatus.Imported} AND i.SuccessCount > 0), 0.0),
                COALESCE(SUM(CAST(i.FailureCount AS REAL)) FILTER (WHERE i.FailureCount > 0), 0.0)
            FROM {ListIndexes.Imports(ListIndexes.Arrived)} WHERE i.Arrived >= {sql.Value(from)} {until} {ofSites}
            """);
    }

    private static string Of(params ReadOnlySpan<ImportStatus> statuses)
    {
        List<int> numbers = [];
        foreach (var status in statuses)
        {
            numbers.Add((int)status);
        }

        return $"COUNT(*) FILTER (WHERE i.Status IN ({string.Join(", ", numbers)}))";
    }

    private static long Rows(double sum) => (long)Math.Min(sum, LargestSum);

    private sealed record Hour(int Number, int Arrived, int Moving, int Waiting, int Failed, double RowsImported, double RowsFailed);
}
