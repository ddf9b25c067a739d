namespace LoyaltyDashboard.Access;

/// <summary>The answer to who may not.</summary>
internal static class Refusal
{
    /// <summary>Sends problem details.</summary>
    public static Task SendAsync(HttpContext context, int status, string detail)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Problem(detail, statusCode: status).ExecuteAsync(context);
    }
}
