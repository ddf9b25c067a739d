using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>What a database holds twice. Only the writer keeps its keys unique, no index of SQLite's does; so that is read from the rows themselves.</summary>
internal static class Doubled
{
    /// <summary>How many ids of imports, and how many keys of deliveries, more than one row has.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(DashboardDb database)
    {
        var imports = await database.Imports.GroupBy(i => i.Id).CountAsync(rows => rows.Count() > 1);

        // A delivery that has given up its key, or never had one, has null there.
        var deliveries = await database.Deliveries.Where(d => d.DedupeKey != null).GroupBy(d => d.DedupeKey).CountAsync(rows => rows.Count() > 1);
        return
        [
            .. imports > 0 ? (string[])[$"{imports} imports are stored more than once"] : [],
            .. deliveries > 0 ? (string[])[$"{deliveries} keys of deliveries are stored more than once"] : [],
        ];
    }
}
