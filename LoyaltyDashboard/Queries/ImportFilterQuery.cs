namespace LoyaltyDashboard.Queries;

/// <summary>A filter read from a query string, with what was not understood.</summary>
/// <param name="Filter">The filter, with defaults where a value was not understood.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="PageSize">Rows a page, 1 to 500.</param>
/// <param name="Cursor">The cursor, unchecked; null for none.</param>
/// <param name="Faults">One entry per name or value that was not understood: name, and a sentence with the mend.</param>
public sealed record ParsedFilter(ImportFilter Filter, int Page, int PageSize, string? Cursor, IReadOnlyList<KeyValuePair<string, string>> Faults);

/// <summary>The query string of an <see cref="ImportFilter"/>, both ways.</summary>
public static class ImportFilterQuery
{
    /// <summary>Rows a page unless asked otherwise.</summary>
    public const int DefaultPageSize = 50;

    /// <summary>Reads a query string (with or without the leading question mark). Never throws.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="alsoKnown">Names that mean something to the caller, such as <c>format</c>.</param>
    public static ParsedFilter Parse(string? query, params ReadOnlySpan<string> alsoKnown) => throw new NotImplementedException();

    /// <summary>Writes a query string with what differs from the default, in a fixed order; empty for the default, else with the leading question mark.</summary>
    public static string Write(ImportFilter filter, int page = 1, int pageSize = DefaultPageSize) => throw new NotImplementedException();
}
