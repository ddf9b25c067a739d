namespace LoyaltyDashboard.Queries;

/// <summary>One end of a time range: an instant, or a span before now (<c>-24h</c>) that is resolved when the query runs.</summary>
/// <param name="Instant">Fixed point; null when relative.</param>
/// <param name="Ago">Span before now; null when fixed.</param>
/// <param name="Text">As written in the query string.</param>
public sealed record TimeBound(DateTimeOffset? Instant, TimeSpan? Ago, string Text)
{
    /// <summary>The point in time, seen from <paramref name="now"/>. A span reaching before year one gives the earliest time.</summary>
    public DateTimeOffset Resolve(DateTimeOffset now) =>
        Instant ?? (Ago > now - DateTimeOffset.MinValue ? DateTimeOffset.MinValue : now - Ago!.Value);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
