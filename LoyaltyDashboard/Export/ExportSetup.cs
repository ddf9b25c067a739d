using System.Globalization;
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
        return app;
    }

    private static async Task<IResult> ExportAsync(HttpContext context, ImportQueries queries, DownloadTickets tickets, TimeProvider time, ILogger<XlsxExport> logger)
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

        var name = $"loyalty-imports-{time.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.{format}";
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        context.Response.Headers.CacheControl = "no-store";
        var cancellation = context.RequestAborted;
        var ticket = tickets.Find(context.Request.Query["ticket"]);
        var isWhole = false;
        try
        {
            switch (format)
            {
                case "csv":
                    context.Response.ContentType = "text/csv; charset=utf-8";
                    await CsvExport.WriteAsync(context.Response.BodyWriter, Counted(queries.StreamRowsAsync(asked.Filter, cancellation)), cancellation);
                    break;
                case "jsonl":
                    context.Response.ContentType = "application/jsonl; charset=utf-8";
                    await JsonLinesExport.WriteAsync(context.Response.BodyWriter, Counted(queries.StreamItemsAsync(asked.Filter, cancellation)), cancellation);
                    break;
                default:
                    context.Response.ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
                    await WriteXlsxAsync(context.Response, Counted(queries.StreamRowsAsync(asked.Filter, cancellation)), cancellation);
                    break;
            }

            isWhole = true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader went away, and the query with it.
        }
        catch (IOException exception) when (!context.Response.HasStarted)
        {
            logger.LogError(exception, "An export could not be prepared in {Directory}", Path.GetTempPath());
            context.Response.Clear();
            return Results.Problem($"The file could not be prepared in {Path.GetTempPath()}: {exception.Message} Make room there, or ask for csv or jsonl, which need none.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            ticket?.End(isWhole);
        }

        return Results.Empty;

        IAsyncEnumerable<T> Counted<T>(IAsyncEnumerable<T> rows) => ticket?.CountAsync(rows) ?? rows;
    }

    // A zip is written without waiting for the client, which Kestrel does not allow, so it needs a file first; the file is gone when it is closed.
    private static async Task WriteXlsxAsync(HttpResponse response, IAsyncEnumerable<ImportRow> rows, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new FileStream(Path.Combine(Path.GetTempPath(), $"loyalty-{Guid.NewGuid():N}.xlsx"), options);
        await new XlsxExport().WriteAsync(file, rows, cancellation);
        file.Position = 0;
        response.ContentLength = file.Length;
        await file.CopyToAsync(response.Body, cancellation);
    }
}
