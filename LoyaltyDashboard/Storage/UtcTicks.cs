namespace LoyaltyDashboard.Storage;

/// <summary>
/// Times in the database: 100-nanosecond ticks since 1970 in UTC. Integers sort and compare in SQLite, and this unit keeps every digit a
/// <see cref="DateTimeOffset"/> holds.
/// </summary>
public static class UtcTicks
{
    /// <summary>Time to stored number.</summary>
    public static long From(DateTimeOffset time) => time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;

    /// <summary>Stored number to time, offset zero.</summary>
    public static DateTimeOffset To(long ticks) => new(ticks + DateTimeOffset.UnixEpoch.Ticks, TimeSpan.Zero);
}
