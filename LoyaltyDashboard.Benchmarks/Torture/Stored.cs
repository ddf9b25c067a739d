using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>What a database holds, read by itself and not asked of the dashboard.</summary>
internal static class Stored
{
    /// <summary>What is amiss: events answered 200 that are not there exactly once, and what SQLite says of the file.</summary>
    /// <param name="path">The database.</param>
    /// <param name="answered">All that was answered 200.</param>
    /// <param name="where">Which database it is, for the words.</param>
    public static async Task<IReadOnlyList<string>> FaultsAsync(string path, IReadOnlyCollection<SignedEvent> answered, string where = "the database")
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await using var database = new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection).Options);
        var faults = new List<string>();
        try
        {
            var verdict = (await database.Database.SqlQueryRaw<string>("PRAGMA integrity_check(1)").ToListAsync())[0];
            if (verdict != "ok")
            {
                faults.Add($"integrity_check of {where}: {verdict}");
            }

            var events = await database.Deliveries.AsNoTracking().Where(d => d.Outcome == DeliveryOutcome.Stored).Select(d => d.EventId).ToListAsync();
            var once = events.OfType<string>().CountBy(id => id).ToDictionary();
            var imports = (await database.Imports.AsNoTracking().Select(i => i.Id).ToListAsync()).ToHashSet();
            var missing = answered.Count(e => !once.ContainsKey(e.EventId) || !imports.Contains(e.ImportId));
            if (missing > 0)
            {
                faults.Add(Text.Of($"{missing:N0} of {answered.Count:N0} events answered 200 are missing in {where}"));
            }

            faults.AddRange((await Doubled.FaultsAsync(database)).Select(fault => $"{fault} in {where}"));
            if (once.Count(e => e.Value > 1) is > 0 and var twice)
            {
                faults.Add(Text.Of($"{twice:N0} events are stored more than once in {where}"));
            }
        }
        catch (SqliteException exception)
        {
            faults.Add($"{where} cannot be read: {exception.Message}");
        }

        return faults;
    }
}
