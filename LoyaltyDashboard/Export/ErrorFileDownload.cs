using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Wix;
using Microsoft.Net.Http.Headers;

namespace LoyaltyDashboard.Export;

/// <summary>
/// <c>GET /api/imports/error-file?id=…</c>: an import's error file as Wix wrote it, passed on as it comes; or row by row with personal data masked, or without the rows of who is to be forgotten, as CSV with commas. The link to it
/// stays here, and nothing of the file does.
/// </summary>
internal static class ErrorFileDownload
{
    private const string Path = "/api/imports/error-file";
    private const int LongestName = 100;
    private const int FlushAt = 32 * 1024;

    /// <summary>Maps the route. The word stands before <c>/api/imports/{id}</c>, whose ids are Wix's, and Wix's are GUIDs.</summary>
    public static void MapErrorFile(this WebApplication app) => app.MapGet(Path, SendAsync)
        .WithName("DownloadErrorFile").WithSummary("An import's error file, streamed.")
        .WithDescription("What Wix wrote of the rows that it could not import: their data, personal ones among them, and the reasons. Masked for who may not see personal data, and without the rows of who was forgotten. Fetched from Wix at each call and not stored. id is the import's, percent-encoded. "
            + "404: there is no such import, or Wix holds no error file of it. 409: no app secret is set, or the import's site is not known. 429: you asked for too many error files in a minute. 502: Wix or the place it points to refuses, or the answer breaks a limit. "
            + "503: it cannot be reached; Retry-After says when to ask again, if Wix said. 504: it took too long. A limit that is broken in the middle aborts the answer.")
        .Produces(StatusCodes.Status200OK, null, "text/csv").ProducesValidationProblem()
        .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests)
        .ProducesProblem(StatusCodes.Status502BadGateway).ProducesProblem(StatusCodes.Status503ServiceUnavailable).ProducesProblem(StatusCodes.Status504GatewayTimeout);

    /// <summary>A name that any system can store: letters, digits and a few signs of the import's own, and what the file is.</summary>
    internal static string FileName(string? importName)
    {
        var name = new StringBuilder();
        foreach (var letter in (importName ?? string.Empty).EnumerateRunes())
        {
            var isPlain = Rune.IsLetterOrDigit(letter) || Rune.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark || letter.Value is ' ' or '.' or '-' or '_' or '(' or ')';
            if (name.Length + letter.Utf16SequenceLength > LongestName)
            {
                break;
            }

            name.Append(isPlain ? letter.ToString() : "_");
        }

        var clean = name.ToString();
        clean = (clean.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? clean[..^4] : clean).Trim(' ', '.');
        return (clean.Length == 0 ? "import" : clean) + " errors.csv";
    }

    private static async Task<IResult> SendAsync(HttpContext context, string? id, CurrentReader reader, ImportQueries queries, ErrorFiles files, Forgotten forgotten, AuditLog audit, CancellationToken cancellation)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (string.IsNullOrEmpty(id))
        {
            return Results.ValidationProblem(new Dictionary<string, string[]> { ["id"] = ["id is missing. It is the import's id, as GET /api/imports lists it."] }, "The query string was not understood.");
        }

        var asking = reader.Now;
        if (await queries.FindAsync(asking, id, cancellation) is not { } detail)
        {
            return Results.Problem("There is no import of that id.", statusCode: StatusCodes.Status404NotFound);
        }

        if (detail.Row.ErrorFileExists != true)
        {
            return Results.Problem("Wix has told of no error file of this import.", statusCode: StatusCodes.Status404NotFound);
        }

        if (detail.Row.Site is not { } site)
        {
            return Results.Problem("The import's site is not known, so Wix cannot be asked for the error file.", statusCode: StatusCodes.Status409Conflict);
        }

        await audit.AppendAsync(new(asking.Actor, AuditAction.Export, $"import:{id}", $"error file {(asking.SeesClear ? "in clear" : "masked")}"), cancellation);
        try
        {
            await using var file = await files.OpenAsync(asking.Actor, site.InstanceId, id, cancellation);
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(FileName(detail.Row.FileName));
            context.Response.Headers.ContentDisposition = disposition.ToString();
            context.Response.ContentType = "text/csv";
            var (mask, leftOut) = (MaskedErrorFile.For(asking, detail.LoyaltyImport), MaskedErrorFile.LeftOut(forgotten));
            if (mask is not null || leftOut is not null)
            {
                await WriteRowsAsync(context.Response.BodyWriter, ErrorFileCsv.RowsAsync(file, mask, leftOut, cancellation), cancellation);
            }
            else
            {
                await file.CopyToAsync(context.Response.Body, cancellation);
            }
        }
        catch (ErrorFileException exception) when (!context.Response.HasStarted)
        {
            context.Response.Headers.ContentDisposition = default;
            context.Response.ContentType = null;
            if (exception.RetryAfter is { } wait)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            return Results.Problem(exception.Message, statusCode: ToStatus(exception.Fault));
        }
        catch (ErrorFileException)
        {
            // Half a file must not look like a whole one.
            context.Abort();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The reader went away.
        }

        return Results.Empty;
    }

    // Nothing is sent before the first row is read, so that a file that cannot be read still gets an answer that says so.
    private static async Task WriteRowsAsync(PipeWriter output, IAsyncEnumerable<IReadOnlyList<string>> rows, CancellationToken cancellation)
    {
        var lines = new ArrayBufferWriter<byte>(2 * FlushAt);
        await foreach (var cells in rows)
        {
            for (var column = 0; column < cells.Count; column++)
            {
                lines.Write(column == 0 ? ""u8 : ","u8);
                CsvText.Write(lines, Encoding.UTF8.GetBytes(cells[column]));
            }

            lines.Write("\r\n"u8);
            if (lines.WrittenCount >= FlushAt)
            {
                await output.WriteAsync(lines.WrittenMemory, cancellation);
                lines.ResetWrittenCount();
            }
        }

        await output.WriteAsync(lines.WrittenMemory, cancellation);
    }

    private static int ToStatus(ErrorFileFault fault) => fault switch
    {
        ErrorFileFault.NoSecret => StatusCodes.Status409Conflict,
        ErrorFileFault.Missing => StatusCodes.Status404NotFound,
        ErrorFileFault.Unreachable => StatusCodes.Status503ServiceUnavailable,
        ErrorFileFault.TooOften => StatusCodes.Status429TooManyRequests,
        ErrorFileFault.TooSlow => StatusCodes.Status504GatewayTimeout,
        _ => StatusCodes.Status502BadGateway,
    };
}
