using System.Net;
using System.Text.Json;

namespace LoyaltyDashboard.Wix;

/// <summary>What came back from Wix.</summary>
/// <param name="Status">The status.</param>
/// <param name="Json">The body, if it is a JSON object.</param>
/// <param name="RetryAfter">How long Wix asks to wait, from now.</param>
internal sealed record WixAnswer(HttpStatusCode Status, JsonElement? Json, TimeSpan? RetryAfter)
{
    /// <summary>Whether the call succeeded, as far as the status tells.</summary>
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>Reads an answer whose body is in memory (see <see cref="WixAnswerHandler"/>).</summary>
    public static async Task<WixAnswer> ReadAsync(HttpResponseMessage response, DateTimeOffset now, CancellationToken cancellation)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        var json = TolerantJson.Parse(body) is { ValueKind: JsonValueKind.Object } root ? root : (JsonElement?)null;
        return new WixAnswer(response.StatusCode, json, RetryAfterOf(response, now));
    }

    /// <summary>The Retry-After of an answer, in seconds or as a date; null if there is none or it is neither.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } date } => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };

    // A record would print the body.
    public override string ToString() => $"HTTP {(int)Status}";
}
