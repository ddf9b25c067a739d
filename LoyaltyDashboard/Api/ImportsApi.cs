using LoyaltyDashboard.Access;
using LoyaltyDashboard.Queries;
using Microsoft.AspNetCore.Http.Features;

namespace LoyaltyDashboard.Api;

/// <summary>The imports for scripts. A name or value that is not known is answered 400 with the fault and the mend; nothing is guessed.</summary>
internal static class ImportsApi
{
    /// <summary>Where the list is; one import is below it.</summary>
    public const string Path = "/api/imports";

    /// <summary><c>GET /api/imports</c>.</summary>
    public static async Task<IResult> ListAsync(HttpContext context, CurrentReader reader, ImportQueries queries, AuditLog audit, PersonalHash hashes, CancellationToken cancellation)
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
            var who = reader.Now;
            await audit.NoteClearReadAsync(who, "imports", AuditedFilter.Of(asked.Filter, hashes), cancellation);
            var items = await queries.ItemsAsync(who, asked.Filter, asked.Cursor, asked.PageSize, cancellation);
            return Json(context, new ImportContract.ImportList(items.Items, items.Total, items.TotalIsExact, items.Next));
        }
        catch (FormatException exception)
        {
            return Results.ValidationProblem(new Dictionary<string, string[]> { ["cursor"] = [exception.Message + " Begin again without it."] }, "The query string was not understood.");
        }
    }

    /// <summary><c>GET /api/imports/{id}</c>.</summary>
    public static async Task<IResult> FindAsync(HttpContext context, string id, CurrentReader reader, ImportQueries queries, AuditLog audit, CancellationToken cancellation)
    {
        var who = reader.Now;
        if (await queries.FindAsync(who, AsSent(context, id), cancellation) is not { } detail)
        {
            return Results.Problem("No import has this id.", statusCode: StatusCodes.Status404NotFound);
        }

        await audit.NoteClearReadAsync(who, $"import:{detail.Row.Id}", null, cancellation);
        return Json(context, ImportContract.Of(detail));
    }

    // The server decodes a path but for %2F, so "a/b" and "a%2Fb" come out alike; what the client sent tells them apart.
    private static string AsSent(HttpContext context, string id)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        return target.StartsWith(Path + "/", StringComparison.OrdinalIgnoreCase) ? Uri.UnescapeDataString(target[(Path.Length + 1)..]) : id;
    }

    private static IResult Json<T>(HttpContext context, T value)
    {
        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(value, ImportContract.Options);
    }
}
