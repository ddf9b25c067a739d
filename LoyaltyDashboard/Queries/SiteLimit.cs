using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Queries;

/// <summary>Keeps a reader to the sites they may see: their sites go into the filter, so that every plan and every index works as for anybody.</summary>
internal static class SiteLimit
{
    /// <summary>The filter with the reader's sites in it; null: it lists nothing that they may see.</summary>
    public static ImportFilter? Of(Reader reader, ImportFilter filter)
    {
        if (SitesOf(reader) is not { } sites)
        {
            return filter;
        }

        ValueList<string> both = [.. filter.Sites.Count == 0 ? sites : filter.Sites.Where(reader.MaySee)];
        return both.Count == 0 ? null : filter with { Sites = both };
    }

    /// <summary>Instance ids of the sites that a reader may see, none twice and always in the same order; null: all, and what belongs to no site.</summary>
    public static string[]? SitesOf(Reader reader) => reader.MaySee(null)
        ? null
        : [.. (reader.Sites ?? []).Where(reader.MaySee).SelectMany(AsStored).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    // As somebody typed it, and as Wix writes it.
    private static string[] AsStored(string instanceId) => Guid.TryParse(instanceId, out var id) ? [instanceId, id.ToString()] : [instanceId];
}
