using System.Text;
using System.Text.Json;

namespace LoyaltyDashboard.Imports;

/// <summary>Every text in a JSON document, as it reads: escapes undone, and documents inside texts opened, as Wix nests them.</summary>
public static class JsonTexts
{
    private const string AnonymizeFlag = "triggeredByAnonymizeRequest";
    private const int Deepest = 8;

    private static readonly JsonReaderOptions _options = new() { MaxDepth = 1_000, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Whether a condition holds for a name or a value. What is no JSON counts as one text.</summary>
    public static bool Any(byte[] json, Predicate<string> condition) => Walk(json, condition, isFlag: false, 0);

    /// <summary>Whether it says that somebody asked to be made anonymous.</summary>
    public static bool IsAnonymizeRequest(byte[] json) => Walk(json, _ => false, isFlag: true, 0);

    private static bool Walk(byte[] json, Predicate<string> condition, bool isFlag, int depth)
    {
        var isFlagNamed = false;
        try
        {
            var reader = new Utf8JsonReader(json, _options);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.True && isFlag && isFlagNamed)
                {
                    return true;
                }

                isFlagNamed = reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(AnonymizeFlag);
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && Holds(Text(ref reader), condition, isFlag, depth))
                {
                    return true;
                }
            }

            return false;
        }
        catch (JsonException)
        {
            return condition(Encoding.UTF8.GetString(json));
        }
    }

    private static bool Holds(string text, Predicate<string> condition, bool isFlag, int depth) =>
        condition(text) || (depth < Deepest && text.AsSpan().TrimStart() is ['{' or '[' or '"', ..] && Walk(Encoding.UTF8.GetBytes(text), condition, isFlag, depth + 1));

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or no UTF-8.
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
