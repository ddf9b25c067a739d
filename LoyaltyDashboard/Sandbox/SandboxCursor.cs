using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Sandbox;

/// <summary>Where a query goes on: it holds all that the next page needs, so the stand-in remembers nothing.</summary>
internal sealed class SandboxCursor
{
    /// <summary>Characters at most.</summary>
    public const int Longest = 16_000;

    /// <summary>A place in a sorted list.</summary>
    /// <param name="filter">The query's filter.</param>
    /// <param name="sort">The query's sorts, none left out.</param>
    /// <param name="place">What the last import seen sorts by, its id at the end.</param>
    public SandboxCursor(string filter, JsonArray sort, IReadOnlyList<string> place) => (Filter, Sort, Place) = (JsonNode.Parse(filter)!, sort, place);

    /// <summary>The query's filter.</summary>
    public JsonNode Filter { get; }

    /// <summary>The query's sorts.</summary>
    public JsonArray Sort { get; }

    /// <summary>What the last import seen sorts by, its id at the end.</summary>
    public IReadOnlyList<string> Place { get; }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="SandboxViolation">It did not.</exception>
    public static SandboxCursor Read(string text)
    {
        try
        {
            if (text.Length <= Longest && JsonNode.Parse(Base64Url.DecodeFromChars(text), documentOptions: new() { AllowDuplicateProperties = false }) is JsonArray { Count: 3 } parts
                && parts[0] is JsonObject filter && parts[1] is JsonArray { Count: > 0 } sort && parts[2] is JsonArray place && place.Count == sort.Count + 1)
            {
                return new(filter.ToJsonString(), (JsonArray)sort.DeepClone(), [.. place.Select(value => value!.GetValue<string>())]);
            }
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or NullReferenceException)
        {
            // Told below.
        }

        throw new SandboxViolation("query.cursorPaging.cursor", "FORMAT", "is no cursor of this API");
    }

    /// <summary>The text that the client sends back.</summary>
    public string Write() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonArray(Filter.DeepClone(), Sort.DeepClone(), new JsonArray([.. Place.Select(value => JsonValue.Create(value))])).ToJsonString()));
}
