using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// Query Loyalty Imports as Wix documents it: which fields, operators, sorts and sizes there are. Whatever else is asked is a <see cref="SandboxViolation"/>,
/// so that nobody comes to rely here on what Wix would refuse.
/// </summary>
internal sealed class SandboxQuery
{
    /// <summary>Imports on a page unless asked otherwise.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Imports on a page at most.</summary>
    public const int MostOnPage = 100;

    private const int MostSorts = 5;
    private const int LongestFieldName = 512;

    private readonly SandboxFilter _filter;
    private readonly IReadOnlyList<Sort> _sorts;
    private readonly int _limit;
    private readonly SandboxCursor? _cursor;

    private SandboxQuery(SandboxFilter filter, IReadOnlyList<Sort> sorts, int limit, SandboxCursor? cursor) => (_filter, _sorts, _limit, _cursor) = (filter, sorts, limit, cursor);

    /// <summary>The filter and what else tells queries apart, for the log.</summary>
    public string Summary => $"filter {_filter.Json} sort {string.Join(',', _sorts.Select(s => $"{s.Field} {(s.IsDescending ? "DESC" : "ASC")}"))} limit {_limit}{(_cursor is null ? string.Empty : " by cursor")}";

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="SandboxViolation">It is not as documented.</exception>
    public static SandboxQuery Read(JsonNode? body)
    {
        var query = Object(Object(body, "body", "query")["query"], "query", "filter", "sort", "cursorPaging");
        var paging = query["cursorPaging"] is { } given ? Object(given, "query.cursorPaging", "limit", "cursor") : [];
        var limit = paging["limit"] is not { } asked ? DefaultLimit
            : asked is JsonValue number && number.TryGetValue<int>(out var size) && size is >= 1 and <= MostOnPage ? size
            : throw new SandboxViolation("query.cursorPaging.limit", "NUMBER_RANGE", $"must be a whole number from 1 to {MostOnPage}");
        if (paging["cursor"] is { } cursor && Text(cursor, "query.cursorPaging.cursor") is { Length: > 0 } text)
        {
            // The cursor brings the filter and the sort it was made with.
            var read = SandboxCursor.Read(text);
            return new(SandboxFilter.Read(read.Filter), Sorts(read.Sort), limit, read);
        }

        return new(SandboxFilter.Read(query["filter"]), Sorts(query["sort"]), limit, null);
    }

    /// <summary>The page that is asked for.</summary>
    /// <param name="imports">The site's imports as they look now.</param>
    /// <returns>The imports and the cursor of the next page; none on the last.</returns>
    public (IReadOnlyList<LoyaltyImport> Imports, string? Next) Page(IEnumerable<LoyaltyImport> imports)
    {
        var found = imports.Where(_filter.Holds).Select(import => (Import: import, Place: PlaceOf(import)))
            .Where(row => _cursor is null || Compare(row.Place, _cursor.Place) > 0)
            .OrderBy(row => row.Place, Comparer<IReadOnlyList<string>>.Create(Compare)).Take(_limit + 1).ToList();
        var page = found.Take(_limit).ToList();
        var next = found.Count > _limit ? new SandboxCursor(_filter.Json, SortsJson(), page[^1].Place).Write() : null;
        return ([.. page.Select(row => row.Import)], next);
    }

    // Sorts may leave several imports in one place; the id parts them, so that a cursor stands between any two.
    private IReadOnlyList<string> PlaceOf(LoyaltyImport import) => [.. _sorts.Select(sort => SandboxFilter.Key(import, sort.Field)), import.Id];

    private int Compare(IReadOnlyList<string> place, IReadOnlyList<string> other)
    {
        for (var i = 0; i < _sorts.Count; i++)
        {
            if (string.CompareOrdinal(place[i], other[i]) is not 0 and var order)
            {
                return _sorts[i].IsDescending ? -order : order;
            }
        }

        return string.CompareOrdinal(place[^1], other[^1]);
    }

    private JsonArray SortsJson() => [.. _sorts.Select(sort => new JsonObject { ["fieldName"] = sort.Field, ["order"] = sort.IsDescending ? "DESC" : "ASC" })];

    private static IReadOnlyList<Sort> Sorts(JsonNode? node)
    {
        if (node is null or JsonArray { Count: 0 })
        {
            return [new Sort("createdDate", IsDescending: true)];
        }

        if (node is not JsonArray { Count: <= MostSorts } sorts)
        {
            throw new SandboxViolation("query.sort", "ARRAY_LENGTH_RANGE", $"must be a list of at most {MostSorts} sorts");
        }

        return [.. sorts.Select((sort, index) => ReadSort(sort, $"query.sort[{index}]"))];
    }

    private static Sort ReadSort(JsonNode? node, string path)
    {
        var sort = Object(node, path, "fieldName", "order");
        var field = Text(sort["fieldName"], path + ".fieldName");
        if (field.Length > LongestFieldName)
        {
            throw new SandboxViolation(path + ".fieldName", "MAX_LENGTH", $"has more than {LongestFieldName} characters");
        }

        if (!SandboxFilter.Fields.Contains(field))
        {
            throw new SandboxViolation(path + ".fieldName", "OTHER", $"is not sortable; there are {string.Join(", ", SandboxFilter.Fields)}");
        }

        return (sort["order"] is null ? "ASC" : Text(sort["order"], path + ".order")) switch
        {
            "ASC" => new(field, IsDescending: false),
            "DESC" => new(field, IsDescending: true),
            _ => throw new SandboxViolation(path + ".order", "INVALID_ENUM_VALUE", "must be ASC or DESC"),
        };
    }

    private static JsonObject Object(JsonNode? node, string path, params string[] known)
    {
        var found = node as JsonObject ?? throw new SandboxViolation(path, "REQUIRED_FIELD", "must be an object");
        return found.Select(p => p.Key).FirstOrDefault(name => !known.Contains(name)) is not { } stranger ? found
            : throw new SandboxViolation(path == "body" ? stranger : $"{path}.{stranger}", "OTHER", $"is not known; there are {string.Join(", ", known)}");
    }

    private static string Text(JsonNode? node, string path) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new SandboxViolation(path, "FORMAT", "must be text");

    private sealed record Sort(string Field, bool IsDescending);
}
