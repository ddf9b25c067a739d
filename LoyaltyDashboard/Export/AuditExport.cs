using System.Globalization;
using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Export;

/// <summary><c>GET /api/audit/export</c>: the audit log as CSV, newest line first, streamed.</summary>
internal static class AuditExport
{
    /// <summary>Where it is.</summary>
    public const string Path = "/api/audit/export";

    /// <summary>Maps the route.</summary>
    public static void MapAuditExport(this WebApplication app) => app.MapGet(Path, SendAsync).RequireAuthorization(RolePolicy.Administrator)
        .WithName("ExportAuditLog").WithSummary("The audit log as CSV, newest line first.")
        .WithDescription("action and actor as they stand in the log, with - before an action all but that one; from and to as instants or dates. Takes an administrator of all sites.")
        .Produces(StatusCodes.Status200OK, null, "text/csv").ProducesValidationProblem();

    private static async Task<IResult> SendAsync(HttpContext context, string? action, string? actor, string? from, string? to, CurrentReader reader, AuditQueries queries, AuditLog audit, AccessDirectory directory, TimeProvider time, CancellationToken cancellation)
    {
        var who = reader.Now;
        if (who.Sites is not null)
        {
            return Results.Problem("The audit log is of all sites: it takes an administrator who may see them all.", statusCode: StatusCodes.Status403Forbidden);
        }

        var (filter, faults) = Read(action, actor, from, to);
        if (faults.Count > 0)
        {
            return Results.ValidationProblem(faults, "The query string was not understood.");
        }

        await audit.AppendAsync(new(who.Actor, AuditAction.Export, "audit log", $"csv {context.Request.QueryString}".TrimEnd()), cancellation);
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"audit-log-{time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.csv\"";
        context.Response.Headers.CacheControl = "no-store";
        await using var output = new StreamWriter(context.Response.Body, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true), leaveOpen: true) { NewLine = "\r\n" };
        await output.WriteLineAsync("line,at,actor,name,action,subject,detail");
        await foreach (var line in queries.AllAsync(who, filter, cancellation))
        {
            string[] cells = [line.RowId.ToString(CultureInfo.InvariantCulture), line.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), line.Actor, directory.NameOf(line.Actor), line.Action, line.Subject ?? string.Empty, line.Detail ?? string.Empty];
            await output.WriteLineAsync(string.Join(',', cells.Select(CsvText.Cell)).AsMemory(), cancellation);
        }

        return Results.Empty;
    }

    private static (AuditFilter Filter, Dictionary<string, string[]> Faults) Read(string? action, string? actor, string? from, string? to)
    {
        var faults = new Dictionary<string, string[]>();
        if (action is { Length: > 0 } && !AuditAction.IsFilter(action))
        {
            faults["action"] = [$"action must be one of {string.Join(", ", AuditAction.All)}; with {AuditAction.Not} before it, that one is left out."];
        }

        return (new(Given(action), Given(actor), Time("from", from), Time("to", to)), faults);

        static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

        DateTimeOffset? Time(string name, string? text)
        {
            if (string.IsNullOrEmpty(text))
            {
                return null;
            }

            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            {
                return time;
            }

            faults[name] = [$"{name} must be an instant (2026-11-24T08:30:00Z) or a date (2026-11-24)."];
            return null;
        }
    }
}
