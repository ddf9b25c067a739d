using System.Runtime.CompilerServices;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Export;

/// <summary>Rows to export.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Then = new(2026, 11, 24, 8, 30, 0, TimeSpan.Zero);

    /// <summary>A row of which everything is known.</summary>
    public static ImportRow Full { get; } = new(
        1, "import-1", new SiteView("instance-1", "Rosa's Café", "https://rosas.example"), ImportStatus.Imported, null, "6", Then, Then.AddMilliseconds(714), Then, Then,
        "members.csv", 20_915, "email", "points", 500, "REASON", 499, 1, true, MappingVerdict.Healthy, null, false, FollowView.None);

    /// <summary>A row of which only the id is known.</summary>
    public static ImportRow Bare { get; } = new(
        2, "import-2", null, ImportStatus.Unknown, null, null, null, null, Then, Then, null, null, null, null, null, null, null, null, null, MappingVerdict.Unknown, null, false, FollowView.None);

    /// <summary>Gives the first, then waits for the gate before it gives the others; tells when it was ended early.</summary>
    public static IAsyncEnumerable<T> Gated<T>(IReadOnlyList<T> rows, Task gate, TaskCompletionSource ended) => GatedAsync(rows, gate, ended, CancellationToken.None);

    private static async IAsyncEnumerable<T> GatedAsync<T>(IReadOnlyList<T> rows, Task gate, TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return rows[0];
            await gate.WaitAsync(cancellation);
            foreach (var row in rows.Skip(1))
            {
                yield return row;
            }
        }
        finally
        {
            ended.SetResult();
        }
    }
}
