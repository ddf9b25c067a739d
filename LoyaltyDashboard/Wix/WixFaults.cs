using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LoyaltyDashboard.Wix;

/// <summary>Makes an exception of an answer that is none. What Wix says is passed on short and clean.</summary>
internal static partial class WixFaults
{
    private const int LongestSaid = 200;
    private const int LongestCode = 60;

    /// <summary>The exception for an answer whose status tells of a fault, or is no answer at all.</summary>
    /// <param name="what">The call's name at Wix.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="secrets">What must not be repeated, should Wix repeat it.</param>
    public static WixApiException Of(string what, WixAnswer answer, params ReadOnlySpan<string?> secrets)
    {
        var status = (int)answer.Status;
        var said = Said(answer.Json);
        var (fault, verdict) = answer.Status switch
        {
            HttpStatusCode.NotFound when HasDocumentedError(answer.Json) => (WixApiFault.NotFound, "Wix does not know what was asked for"),
            HttpStatusCode.NotFound => (WixApiFault.NotUnderstood, "this is no answer of Wix's API; Wix:ApiBaseUrl may name another place"),
            HttpStatusCode.TooManyRequests => (WixApiFault.TooManyRequests, "Wix asks for fewer requests"),
            // A gateway's own page says nothing of the app's rights or of the request, and may be gone in a minute.
            HttpStatusCode.RequestTimeout or (HttpStatusCode)425 => (WixApiFault.Unavailable, "the request did not get through in time"),
            _ when status is >= 400 and < 500 && answer.Json is null => (WixApiFault.NotUnderstood, "something before Wix's API refused the request"),
            HttpStatusCode.Forbidden => (WixApiFault.Refused, "Wix does not let the app do this on this site"),
            HttpStatusCode.Unauthorized => (WixApiFault.Rejected, "Wix does not accept the token it gave"),
            _ when status is >= 400 and < 500 => (WixApiFault.Rejected, "Wix takes the request for wrong"),
            _ when status is >= 500 => (WixApiFault.Unavailable, "Wix has a fault of its own"),
            _ => (WixApiFault.NotUnderstood, "the answer is not what Wix documents"),
        };

        var code = Clean(said.Code, LongestCode, secrets);
        var words = Clean(said.Words, LongestSaid, secrets);
        return new WixApiException(fault, $"{what}: {verdict} (HTTP {status}{Wait(answer.RetryAfter)}{Join(code, words)}).")
        {
            StatusCode = status,
            RetryAfter = answer.RetryAfter,
            Code = code,
        };
    }

    /// <summary>The exception for an answer of the token endpoint that gives none.</summary>
    /// <inheritdoc cref="Of"/>
    public static WixApiException OfToken(string what, WixAnswer answer, params ReadOnlySpan<string?> secrets)
    {
        var status = (int)answer.Status;
        if (status is < 400 or >= 500 or (int)HttpStatusCode.TooManyRequests)
        {
            return Of(what, answer, secrets);
        }

        var json = new TolerantJson();
        if (Clean(json.String(answer.Json, "error", "error"), LongestCode, secrets) is not { } code)
        {
            return NotUnderstood(what, answer, "it is no OAuth error");
        }

        var words = Clean(json.String(answer.Json, "error_description", "error_description"), LongestSaid, secrets);
        // Wix's words name neither of our keys.
        var verdict = code == "invalid_client" ? "Wix does not know the app: compare Wix:AppId and Wix:AppSecret with \"View ID & keys\" of the app" : "Wix gives no token for this site";
        return new WixApiException(WixApiFault.Refused, $"{what}: {verdict} (HTTP {status}{Join(code, words)}).")
        {
            StatusCode = status,
            RetryAfter = answer.RetryAfter,
            Code = code,
            TokenRefused = true,
        };
    }

    /// <summary>The exception for an answer that is not what Wix documents.</summary>
    /// <param name="what">The call's name at Wix.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="cause">How it differs; nothing of the answer's own text.</param>
    public static WixApiException NotUnderstood(string what, WixAnswer answer, string cause) =>
        new(WixApiFault.NotUnderstood, $"{what}: the answer is not what Wix documents, {cause} (HTTP {(int)answer.Status}).") { StatusCode = (int)answer.Status };

    private static bool HasDocumentedError(JsonElement? body) =>
        TolerantJson.Property(body, "message") is { ValueKind: JsonValueKind.String } || TolerantJson.Property(body, "details") is { ValueKind: JsonValueKind.Object };

    // {message, details: {applicationError: {code, description}}}, or details: {validationError: {fieldViolations: [{field, description}]}}.
    private static (string? Code, string? Words) Said(JsonElement? body)
    {
        var json = new TolerantJson();
        var details = json.Object(body, "details", "details");
        var application = json.Object(details, "applicationError", "details.applicationError");
        var violations = json.Array(json.Object(details, "validationError", "details.validationError"), "fieldViolations", "details.validationError.fieldViolations");
        var violation = violations is { } list && list.GetArrayLength() > 0 ? list[0] : (JsonElement?)null;

        var code = json.String(application, "code", "code") ?? json.String(violation, "field", "field");
        return (code, FirstWords(json.String(body, "message", "message"), json.String(application, "description", "description"), json.String(violation, "description", "description")));
    }

    private static string? FirstWords(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                return text;
            }
        }

        return null;
    }

    private static string Wait(TimeSpan? wait) => wait is { } time ? string.Create(CultureInfo.InvariantCulture, $", again in {Math.Ceiling(time.TotalSeconds):0} s") : string.Empty;

    private static string Join(string? code, string? words) => (code is null ? string.Empty : ", " + code) + (words is null ? string.Empty : ": " + words);

    private static string? Clean(string? text, int longest, ReadOnlySpan<string?> secrets)
    {
        if (text is null)
        {
            return null;
        }

        foreach (var secret in secrets)
        {
            text = string.IsNullOrEmpty(secret) ? text : text.Replace(secret, "…", StringComparison.Ordinal);
        }

        // A page's worth is enough to clean; what stands behind is cut off anyway.
        text = text.Length > 4096 ? text[..4096] : text;
        text = Blank().Replace(LinkOrKey().Replace(text, "…"), " ").Trim().TrimEnd('.');
        text = text.Length <= longest ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest), "…");
        return text.Length == 0 ? null : text;
    }

    // Links, and runs without a blank that are longer than an id.
    [GeneratedRegex(@"\S*://\S*|\S{48,}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LinkOrKey();

    // Blanks, and what is not for reading: control characters, marks that turn the direction of text.
    [GeneratedRegex(@"[\s\p{Cc}\p{Cf}]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Blank();
}
