using System.Globalization;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Wix;

/// <summary>Which imports of a site to ask for.</summary>
public sealed record ImportsQuery
{
    /// <summary>The most imports that Wix puts on one page.</summary>
    public const int LargestLimit = 100;

    /// <summary>Created at this time or later.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Created at this time or earlier.</summary>
    public DateTimeOffset? CreatedTo { get; init; }

    /// <summary>The newest first instead of the oldest.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Imports on one page: 1 to <see cref="LargestLimit"/>.</summary>
    public int Limit { get; init; } = LargestLimit;

    /// <summary>Where to go on, from the page before. The other questions are in it already.</summary>
    public string? Cursor { get; init; }

    /// <summary>The body that asks it.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="Limit"/> is out of its range.</exception>
    internal JsonObject ToJson()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, LargestLimit);

        var paging = new JsonObject { ["limit"] = Limit };
        var query = new JsonObject();
        if (!string.IsNullOrEmpty(Cursor))
        {
            paging["cursor"] = Cursor;
        }
        else
        {
            AddFilter(query);
            query["sort"] = new JsonArray(new JsonObject { ["fieldName"] = "createdDate", ["order"] = NewestFirst ? "DESC" : "ASC" });
        }

        query["cursorPaging"] = paging;
        return new JsonObject { ["query"] = query };
    }

    private void AddFilter(JsonObject query)
    {
        var bounds = new JsonObject();
        if (CreatedFrom is { } from)
        {
            bounds["$gte"] = Write(from.UtcTicks);
        }

        if (CreatedTo is { } to)
        {
            // Outward, so that what Wix holds in finer steps than it writes is not lost at the edge.
            bounds["$lte"] = Write(Math.Min(to.UtcTicks + TimeSpan.TicksPerMillisecond - 1, DateTimeOffset.MaxValue.UtcTicks));
        }

        if (bounds.Count > 0)
        {
            query["filter"] = new JsonObject { ["createdDate"] = bounds };
        }
    }

    // Milliseconds are as fine as Wix writes these dates; the format cuts what is finer.
    private static string Write(long utcTicks) => new DateTime(utcTicks, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
