using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Sandbox;

/// <summary>The filter of a query: conditions on a few fields, which must all hold.</summary>
internal sealed class SandboxFilter
{
    private const int LongestJson = 8_000;

    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] _forAll = ["$eq", "$ne", "$hasSome", "$in", "$nin", "$exists"];
    private static readonly string[] _forDates = [.. _forAll, "$lt", "$lte", "$gt", "$gte"];

    private readonly List<Func<LoyaltyImport, bool>> _conditions = [];

    private SandboxFilter(string json) => Json = json;

    /// <summary>What can be filtered and sorted by; nothing else can.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["createdDate", "updatedDate", "status"];

    /// <summary>As it was asked for.</summary>
    public string Json { get; }

    /// <summary>Reads a filter; none holds for every import.</summary>
    /// <exception cref="SandboxViolation">It is not as documented.</exception>
    public static SandboxFilter Read(JsonNode? node)
    {
        var fields = (node ?? new JsonObject()) as JsonObject ?? throw new SandboxViolation("query.filter", "FORMAT", "must be an object");
        var filter = new SandboxFilter(fields.ToJsonString(_json));
        if (filter.Json.Length > LongestJson)
        {
            throw new SandboxViolation("query.filter", "MAX_LENGTH", $"has more than {LongestJson} characters");
        }

        foreach (var (field, condition) in fields)
        {
            if (!Fields.Contains(field))
            {
                throw new SandboxViolation($"query.filter.{field}", "OTHER", $"is not filterable; there are {string.Join(", ", Fields)}");
            }

            // A bare value means that it must be equal.
            foreach (var (name, operand) in condition as JsonObject ?? new JsonObject { ["$eq"] = condition?.DeepClone() })
            {
                filter._conditions.Add(Condition(field, name, operand));
            }
        }

        return filter;
    }

    /// <summary>Whether an import is found.</summary>
    public bool Holds(LoyaltyImport import) => _conditions.TrueForAll(condition => condition(import));

    /// <summary>A field's value as text that sorts as the value does.</summary>
    public static string Key(LoyaltyImport import, string field) => field switch
    {
        "createdDate" => Key(import.CreatedDate!.Value),
        "updatedDate" => Key(import.UpdatedDate!.Value),
        _ => import.Status!,
    };

    private static Func<LoyaltyImport, bool> Condition(string field, string name, JsonNode? operand)
    {
        var path = $"query.filter.{field}.{name}";
        var isStatus = field == "status";
        if (!(isStatus ? _forAll : _forDates).Contains(name))
        {
            throw new SandboxViolation(path, "OTHER", $"is no operator of {field}; there are {string.Join(", ", isStatus ? _forAll : _forDates)}");
        }

        switch (name)
        {
            // The three fields always have a value.
            case "$exists":
                var exists = operand is JsonValue flag && flag.TryGetValue<bool>(out var asked) ? asked : throw new SandboxViolation(path, "FORMAT", "must be true or false");
                return _ => exists;
            case "$in" or "$nin" or "$hasSome":
                var some = operand is JsonArray values ? values.Select(value => Operand(isStatus, value, path)).ToHashSet(StringComparer.Ordinal) : throw new SandboxViolation(path, "FORMAT", "must be a list");
                return import => some.Contains(Key(import, field)) == (name != "$nin");
            default:
                var wanted = Operand(isStatus, operand, path);
                return import => string.CompareOrdinal(Key(import, field), wanted) is var order && name switch
                {
                    "$eq" => order == 0,
                    "$ne" => order != 0,
                    "$lt" => order < 0,
                    "$lte" => order <= 0,
                    "$gt" => order > 0,
                    _ => order >= 0,
                };
        }
    }

    private static string Operand(bool isStatus, JsonNode? node, string path)
    {
        var text = node is JsonValue value && value.TryGetValue<string>(out var found) ? found : throw new SandboxViolation(path, "FORMAT", "must be text");
        if (isStatus)
        {
            return ImportStatusWords.All.Contains(text) ? text : throw new SandboxViolation(path, "INVALID_ENUM_VALUE", $"must be one of {string.Join(", ", ImportStatusWords.All)}");
        }

        return text.Contains('T', StringComparison.Ordinal) && HasOffset(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
            ? Key(time)
            : throw new SandboxViolation(path, "FORMAT", "must be a time like 2026-11-24T08:30:00.000Z");
    }

    private static bool HasOffset(string text) => text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal);

    private static string Key(DateTimeOffset time) => time.UtcTicks.ToString("D19", CultureInfo.InvariantCulture);
}
