using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Queries;

/// <summary>A filter as it may stand in the audit log: a text that names a person is a keyed hash, the whole of it.</summary>
public static class AuditedFilter
{
    /// <summary>The filter's query string, readable; empty for all imports.</summary>
    public static string Of(ImportFilter filter, PersonalHash hashes) =>
        Uri.UnescapeDataString(ImportFilterQuery.Write(filter.Q is { } q && q.AsSpan().ContainsAny("@＠﹫") ? filter with { Q = hashes.Of(q) } : filter));
}
