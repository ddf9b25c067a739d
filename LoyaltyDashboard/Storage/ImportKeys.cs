using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Storage;

/// <summary>Finds imports by their ids, for readers: in the table of keys, or among the newest imports, which that does not have yet (<see cref="UniqueKeys"/>).</summary>
internal static class ImportKeys
{
    /// <summary>The table of keys.</summary>
    public const string Table = "import_keys";

    // The second half is empty while the table of keys has caught up.
    private const string Rows =
        $$"""
        WITH wanted AS MATERIALIZED (SELECT unhex(value) AS Key FROM json_each({0}))
        SELECT i.RowId FROM wanted AS w CROSS JOIN {{Table}} AS k ON k.Key = w.Key CROSS JOIN imports AS i ON i.RowId = k.RowId AND i.Id = w.Key
        UNION SELECT i.RowId FROM imports AS i NOT INDEXED WHERE i.RowId > (SELECT SettledTo FROM key_state WHERE Keys = '{{Table}}') AND i.Id IN (SELECT Key FROM wanted)
        """;

    /// <summary>The row of an id; null if there is none.</summary>
    public static async Task<long?> FindAsync(DashboardDb database, string id, CancellationToken cancellation) =>
        await FindAsync(database, [id], cancellation) is [var rowId, ..] ? rowId : null;

    /// <summary>The rows of those ids that are there, in no order.</summary>
    public static Task<List<long>> FindAsync(DashboardDb database, IEnumerable<string> ids, CancellationToken cancellation) =>
        database.Database.SqlQueryRaw<long>(Rows, JsonSerializer.Serialize(ids.Select(id => Convert.ToHexString(IdKey.Pack(id))))).ToListAsync(cancellation);
}
