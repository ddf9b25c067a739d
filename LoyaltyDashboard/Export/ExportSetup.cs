using System.Globalization;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Export;

/// <summary>What the room brings to the program.</summary>
public static class ExportSetup
{
    /// <summary>Maps the room's routes.</summary>
    public static WebApplication MapExport(this WebApplication app)
    {
        app.MapGet("/api/imports/export", ExportAsync).WithName("ExportImports").WithSummary("The filtered list as a file, streamed.").Produces(StatusCodes.Status200OK, null, "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/jsonl").ProducesValidationProblem();
        app.MapErrorFile();
        app.MapAuditExport();
        return app;
    }

    private static async Task<IResult> ExportAsync(HttpContext context, CurrentReader reader, ImportStreams imports, DownloadTickets tickets, AuditLog audit, PersonalHash hashes, TimeProvider time)
    {
        var asked = ImportFilterQuery.Parse(context.Request.QueryString.Value, "format", "ticket", "page", "pageSize");
        var faults = asked.Faults.ToDictionary(f => f.Key, f => new[] { $"{f.Key} {f.Value}." });
        var format = context.Request.Query["format"].ToString();
        if (format is not ("csv" or "xlsx" or "jsonl"))
        {
            faults["format"] = ["format must be csv, xlsx or jsonl."];
        }

        if (asked.Cursor is not null)
        {
            faults["cursor"] = ["An export holds the whole list: leave cursor out."];
        }

        if (faults.Count > 0)
        {
            return Results.ValidationProblem(faults, "The query string was not understood.");
        }

        // No row leaves before that is in the log; headings, which are the same for everybody, may. How much it was is known only at the end.
        var cancellation = context.RequestAborted;
        var who = reader.Now.ForExport();
        var what = $"{format} {(who.SeesClear ? "in clear" : "masked")} {AuditedFilter.Of(asked.Filter, hashes)}".TrimEnd();
        var noted = audit.AppendAsync(new(who.Actor, AuditAction.Export, "imports", $"began: {what}"), cancellation);
        var rows = 0L;

        var name = $"loyalty-imports-{time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.{format}";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        context.Response.Headers.CacheControl = "no-store";
        var ticket = tickets.Find(context.Request.Query["ticket"]);
        var isWhole = false;
        try
        {
            switch (format)
            {
                case "csv":
                    context.Response.ContentType = "text/csv; charset=utf-8";
                    await CsvExport.WriteAsync(context.Response.BodyWriter, Rows(), cancellation);
                    break;
                case "jsonl":
                    context.Response.ContentType = "application/jsonl; charset=utf-8";
                    await JsonLinesExport.WriteAsync(context.Response.BodyWriter, Items(), cancellation);
                    break;
                default:
                    context.Response.ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                    await new XlsxExport().WriteAsync(context.Response.Body, Rows(), cancellation);
                    break;
            }

            isWhole = true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader went away, and the query with it.
        }
        finally
        {
            ticket?.End(isWhole);
            await audit.AppendAsync(new(who.Actor, AuditAction.Export, "imports", string.Create(CultureInfo.InvariantCulture, $"{(isWhole ? "ended" : "broke off")}: {rows} rows, {what}")), CancellationToken.None);
        }

        return Results.Empty;

        IAsyncEnumerable<ImportCells> Rows() => Counted(imports.RowsAsync(who, asked.Filter, cancellation), rows => rows.Rows);

        IAsyncEnumerable<ImportItem> Items() => Counted(imports.ItemsAsync(who, asked.Filter, cancellation), _ => 1);

        async IAsyncEnumerable<T> Counted<T>(IAsyncEnumerable<T> pieces, Func<T, int> rowsOf)
        {
            await noted;
            await foreach (var piece in ticket?.CountAsync(pieces, rowsOf) ?? pieces)
            {
                rows += rowsOf(piece);
                yield return piece;
            }
        }
    }
}
