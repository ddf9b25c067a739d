using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Queries;

/// <summary>Keeps a reader to the sites they may see: their sites go into the filter, so that every plan and every index works as for anybody.</summary>
internal static class SiteLimit
{
    /// <summary>The filter with the reader's sites in it; null: it lists nothing that they may see.</summary>
    public static ImportFilter? Of(Reader reader, ImportFilter filter)
    {
        if (reader.Sites is not { } sites)
        {
            return reader.MaySee(null) ? filter : null;
        }

        ValueList<string> both = [.. (filter.Sites.Count == 0 ? sites : filter.Sites).Where(reader.MaySee)];
        return both.Count == 0 ? null : filter with { Sites = both };
    }
}
