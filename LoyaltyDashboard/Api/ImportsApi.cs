using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Api;

/// <summary>The imports for scripts. A name or value that is not known is answered 400 with the fault and the mend; nothing is guessed.</summary>
internal static class ImportsApi
{
    /// <summary><c>GET /api/imports</c>.</summary>
    public static async Task<IResult> ListAsync(HttpContext context, ImportQueries queries, CancellationToken cancellation)
    {
        var asked = ImportFilterQuery.Parse(context.Request.QueryString.Value);
        var faults = asked.Faults.ToDictionary(f => f.Key, f => new[] { $"{f.Key} {f.Value}." });
        if (context.Request.Query.ContainsKey("page"))
        {
            faults["page"] = ["page belongs to the dashboard's own address. Follow next with cursor instead."];
        }

        if (faults.Count > 0)
        {
            return Results.ValidationProblem(faults, "The query string was not understood.");
        }

        try
        {
            var items = await queries.ItemsAsync(asked.Filter, asked.Cursor, asked.PageSize, cancellation);
            return Json(context, new ImportContract.ImportList(items.Items, items.Total, items.TotalIsExact, items.Next));
        }
        catch (FormatException exception)
        {
            return Results.ValidationProblem(new Dictionary<string, string[]> { ["cursor"] = [exception.Message + " Begin again without it."] }, "The query string was not understood.");
        }
    }

    /// <summary><c>GET /api/imports/{id}</c>.</summary>
    public static async Task<IResult> FindAsync(HttpContext context, string id, ImportQueries queries, CancellationToken cancellation) =>
        await queries.FindAsync(id, cancellation) is { } detail
            ? Json(context, ImportContract.Of(detail))
            : Results.Problem("No import has this id.", statusCode: StatusCodes.Status404NotFound);

    private static IResult Json<T>(HttpContext context, T value)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(value, ImportContract.Options);
    }
}
