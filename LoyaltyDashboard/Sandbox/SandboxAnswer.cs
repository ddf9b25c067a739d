using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LoyaltyDashboard.Sandbox;

/// <summary>A request that is not what Wix documents; answered 400.</summary>
internal sealed class SandboxViolation(string field, string rule, string description) : Exception(description)
{
    /// <summary>The path of the field at fault.</summary>
    public string Field { get; } = field;

    /// <summary>The rule it breaks.</summary>
    public string Rule { get; } = rule;
}

/// <summary>One answer of the stand-in, in Wix's shapes.</summary>
internal sealed record SandboxAnswer(int Status, string Body, string ContentType = "application/json; charset=utf-8", TimeSpan? RetryAfter = null)
{
    private static readonly JsonSerializerOptions _json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>200 with JSON.</summary>
    public static SandboxAnswer Ok(JsonNode body) => new(StatusCodes.Status200OK, body.ToJsonString(_json));

    /// <summary>200 with a page for people.</summary>
    public static SandboxAnswer Html() => new(StatusCodes.Status200OK, "<!DOCTYPE html><html><head><title>Just a moment…</title></head><body><h1>Checking your browser</h1></body></html>", "text/html; charset=utf-8");

    /// <summary>An error as all of Wix's APIs write it.</summary>
    public static SandboxAnswer Error(int status, string code, string message, TimeSpan? retryAfter = null) => new(
        status, new JsonObject { ["message"] = message, ["details"] = new JsonObject { ["applicationError"] = new JsonObject { ["code"] = code, ["description"] = message, ["data"] = new JsonObject() } } }.ToJsonString(_json), RetryAfter: retryAfter);

    /// <summary>400 for a field that is not as documented.</summary>
    public static SandboxAnswer Invalid(SandboxViolation violation) => new(
        StatusCodes.Status400BadRequest,
        new JsonObject
        {
            ["message"] = $"INVALID_ARGUMENT: \"{violation.Field}\" {violation.Message}",
            ["details"] = new JsonObject { ["validationError"] = new JsonObject { ["fieldViolations"] = new JsonArray(new JsonObject { ["field"] = violation.Field, ["description"] = violation.Message, ["violatedRule"] = violation.Rule }) } },
        }.ToJsonString(_json));

    /// <summary>An error of the token's door, as OAuth writes it (RFC 6749, 5.2).</summary>
    public static SandboxAnswer OAuth(int status, string error, string description) =>
        new(status, new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString(_json));

    /// <summary>No such import, or no error file for it.</summary>
    public static SandboxAnswer NotFound(string what) => Error(StatusCodes.Status404NotFound, "NOT_FOUND", what + " not found");

    /// <summary>429.</summary>
    public static SandboxAnswer TooMany(TimeSpan retryAfter) => Error(StatusCodes.Status429TooManyRequests, "RESOURCE_EXHAUSTED", "Too many requests", retryAfter);

    /// <summary>Sends it.</summary>
    /// <param name="context">To whom.</param>
    /// <param name="fault"><see cref="SandboxFault.HalfJson"/> and <see cref="SandboxFault.Cut"/> spoil it on the way.</param>
    public async Task SendAsync(HttpContext context, SandboxFault? fault)
    {
        var body = Encoding.UTF8.GetBytes(Body).AsMemory();
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        context.Response.ContentLength = fault == SandboxFault.HalfJson ? body.Length / 2 : body.Length;
        await context.Response.Body.WriteAsync(fault is SandboxFault.HalfJson or SandboxFault.Cut ? body[..(body.Length / 2)] : body, context.RequestAborted);
        if (fault == SandboxFault.Cut)
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }
}
