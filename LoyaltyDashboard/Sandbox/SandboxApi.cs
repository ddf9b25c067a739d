using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// The part of Wix's REST API that following needs, with Wix's paths, shapes, limits and errors. Every request goes one way: who asks, the limit, the faults
/// that are switched on, the answer, the log.
/// </summary>
internal sealed class SandboxApi(
    SandboxWorld world, SandboxTokens tokens, SandboxRateLimit limit, SandboxFaults faults, SandboxErrorFiles files, SandboxLog log, IOptions<WixOptions> wix, TimeProvider time)
{
    /// <summary>Where the stand-in lives on this server.</summary>
    public const string Path = "/sandbox/wix";

    private const string ImportsPath = Path + "/_api/loyalty-imports/v1/loyalty-imports";
    private const int LongestBody = 64 * 1024;
    private const int LongestWhat = 500;

    /// <summary>Maps all paths. What is not among them is answered 404 in Wix's shape.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        // Open, for it asks for its own tokens, as Wix does; and it has nothing but invented imports.
        var group = routes.MapGroup(string.Empty).DisableAntiforgery().ExcludeFromDescription().AllowAnonymous();
        group.MapPost(Path + "/oauth2/token", TokenAsync);
        group.MapGet(ImportsPath, (HttpContext context) => AnswerAsync(context, SandboxRequest.Get, GetAsync));
        group.MapPost(ImportsPath + "/query", (HttpContext context) => AnswerAsync(context, SandboxRequest.Query, QueryAsync));
        group.MapGet(ImportsPath + "/error-file-download-url", (HttpContext context) => AnswerAsync(context, SandboxRequest.ErrorFileUrl, ErrorFileUrlAsync));
        group.MapGet(Path + "/apps/v1/instance", (HttpContext context) => AnswerAsync(context, SandboxRequest.Instance, InstanceAsync));
        group.MapGet(Path + "/files/{instanceId}/{ends:long}/{signature}/{importId}.csv", FileAsync);
        group.Map(Path + "/{**rest}", (HttpContext context) => SendAsync(context, new Asked(null, null, null), SandboxAnswer.NotFound("Path"), null));
    }

    private async Task TokenAsync(HttpContext context)
    {
        SandboxAnswer answer;
        string? instanceId = null;
        SandboxToken? token = null;
        try
        {
            var body = await ReadAsync(context) as JsonObject ?? throw new JsonException();
            instanceId = Text(body, "instance_id");
            if (Text(body, "grant_type") != "client_credentials")
            {
                answer = SandboxAnswer.OAuth(StatusCodes.Status400BadRequest, "unsupported_grant_type", "grant_type must be client_credentials");
            }
            else if (string.IsNullOrEmpty(wix.Value.AppSecret) || Text(body, "client_id") != wix.Value.AppId || Text(body, "client_secret") != wix.Value.AppSecret)
            {
                answer = SandboxAnswer.OAuth(StatusCodes.Status401Unauthorized, "invalid_client", "client_id and client_secret are not those of an app");
            }
            else if (instanceId is null || world.Site(instanceId) is null)
            {
                answer = SandboxAnswer.OAuth(StatusCodes.Status400BadRequest, "invalid_grant", "The app is not installed at this instance_id");
            }
            else
            {
                (var text, token) = tokens.Issue(instanceId);
                answer = SandboxAnswer.Ok(new JsonObject { ["access_token"] = text, ["token_type"] = "Bearer", ["expires_in"] = SandboxTokens.LifeSeconds });
            }
        }
        catch (JsonException)
        {
            answer = SandboxAnswer.OAuth(StatusCodes.Status400BadRequest, "invalid_request", "The body must be a JSON object");
        }

        var fault = faults.Take(SandboxRequest.Token, instanceId);
        if (fault == SandboxFault.Unauthorized)
        {
            answer = SandboxAnswer.OAuth(StatusCodes.Status401Unauthorized, "invalid_client", "client_id and client_secret are not those of an app");
        }
        else if (await MeetAsync(fault, context) is { } failed)
        {
            answer = failed;
        }

        await SendAsync(context, new Asked(instanceId, token?.Number, null), answer, fault);
    }

    private async Task AnswerAsync(HttpContext context, SandboxRequest request, Func<HttpContext, string, SandboxFault?, Task<(SandboxAnswer Answer, string? What)>> work)
    {
        if (tokens.Find(context.Request.Headers.Authorization) is not { } token)
        {
            await SendAsync(context, new Asked(null, null, null), SandboxAnswer.Error(StatusCodes.Status401Unauthorized, "UNAUTHENTICATED", "The token is missing, unknown or expired"), null);
            return;
        }

        if (limit.Take(token.InstanceId) is { } wait)
        {
            await SendAsync(context, new Asked(token.InstanceId, token.Number, null), SandboxAnswer.TooMany(wait), null);
            return;
        }

        var fault = faults.Take(request, token.InstanceId);
        SandboxAnswer answer;
        string? what = null;
        try
        {
            (answer, what) = await work(context, token.InstanceId, fault);
        }
        catch (SandboxViolation violation)
        {
            answer = SandboxAnswer.Invalid(violation);
        }
        catch (JsonException)
        {
            answer = SandboxAnswer.Invalid(new SandboxViolation("body", "FORMAT", "must be JSON without a name twice"));
        }

        await SendAsync(context, new Asked(token.InstanceId, token.Number, what), await MeetAsync(fault, context) ?? answer, fault);
    }

    private Task<(SandboxAnswer, string?)> GetAsync(HttpContext context, string instanceId, SandboxFault? fault)
    {
        var id = ImportId(context);
        return Task.FromResult<(SandboxAnswer, string?)>((
            world.Find(instanceId, id) is { } import ? SandboxAnswer.Ok(new JsonObject { ["loyaltyImport"] = Json(Spoil(import, fault)) }) : SandboxAnswer.NotFound($"LoyaltyImport with id {id}"), id));
    }

    private async Task<(SandboxAnswer, string?)> QueryAsync(HttpContext context, string instanceId, SandboxFault? fault)
    {
        var query = SandboxQuery.Read(await ReadAsync(context));
        var now = time.GetUtcNow();
        var (page, next) = query.Page(world.Imports(instanceId).Where(import => import.CreatedAt <= now).Select(import => import.At(now)));
        var imports = new JsonArray([.. page.Select(state => Json(Spoil(world.Find(instanceId, state.Id)!, fault)))]);
        if (fault == SandboxFault.RevisionBack && page.Count > 0)
        {
            imports.Add(Json(world.Find(instanceId, page[0].Id)!.Created));
        }

        var cursors = next is null ? new JsonObject() : new JsonObject { ["next"] = next };
        return (
            SandboxAnswer.Ok(new JsonObject { ["loyaltyImports"] = imports, ["pagingMetadata"] = new JsonObject { ["count"] = imports.Count, ["cursors"] = cursors, ["hasNext"] = next is not null } }),
            $"{query.Summary} gave {imports.Count}");
    }

    private Task<(SandboxAnswer, string?)> ErrorFileUrlAsync(HttpContext context, string instanceId, SandboxFault? fault)
    {
        var id = ImportId(context);
        var import = world.Find(instanceId, id);
        return Task.FromResult<(SandboxAnswer, string?)>((
            import?.At(time.GetUtcNow()).ImportResult?.ErrorFileExists == true
                ? SandboxAnswer.Ok(new JsonObject { ["url"] = $"{context.Request.Scheme}://{context.Request.Host}{Path}{files.LinkTo(import)}" })
                : SandboxAnswer.NotFound(import is null ? $"LoyaltyImport with id {id}" : $"Error file of LoyaltyImport with id {id}"),
            id));
    }

    private Task<(SandboxAnswer, string?)> InstanceAsync(HttpContext context, string instanceId, SandboxFault? fault)
    {
        var site = world.Site(instanceId)!;
        return Task.FromResult<(SandboxAnswer, string?)>((
            SandboxAnswer.Ok(new JsonObject
            {
                ["instance"] = new JsonObject
                {
                    ["instanceId"] = instanceId,
                    ["appName"] = "LoyaltyDashboard",
                    ["appVersion"] = "1.0.0",
                    ["isFree"] = true,
                    ["permissions"] = new JsonArray("SCOPE.DC-LOYALTY.MANAGE-LOYALTY"),
                },
                ["site"] = new JsonObject { ["siteDisplayName"] = site.Name, ["url"] = site.Url, ["locale"] = "en", ["siteId"] = site.OwnerId, ["description"] = string.Empty, ["paymentCurrency"] = "EUR", ["ownerEmail"] = "owner@example.com" },
            }),
            null));
    }

    // The link is the right to read, as at Wix: no token is asked for.
    private async Task FileAsync(HttpContext context, string instanceId, long ends, string signature, string importId)
    {
        var asked = new Asked(instanceId, null, importId);
        var fault = faults.Take(SandboxRequest.File, instanceId);
        if (await MeetAsync(fault, context) is { } failed)
        {
            await SendAsync(context, asked, failed, fault);
        }
        else if (!files.IsGood(instanceId, ends, signature, importId) || world.Find(instanceId, importId) is not { } import)
        {
            await SendAsync(context, asked with { InstanceId = null }, SandboxAnswer.Error(StatusCodes.Status403Forbidden, "ACCESS_DENIED", "The link is not signed by this service, or its life is over"), fault);
        }
        else if (fault is SandboxFault.Cut or SandboxFault.HalfJson)
        {
            await SendAsync(context, asked, new SandboxAnswer(StatusCodes.Status200OK, "row,email,points,status,error reason\r\n2,ann.lee10@example.com,12,FAILED,No contact with this email address\r\n", "text/csv; charset=utf-8"), fault);
        }
        else
        {
            context.Response.ContentType = "text/csv; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            Note(context, asked, StatusCodes.Status200OK, fault);
            await SandboxErrorFiles.WriteAsync(context.Response.BodyWriter, import, context.RequestAborted);
        }
    }

    // What a fault answers in place of the right answer; null if it lets that one through, spoilt or not.
    private async Task<SandboxAnswer?> MeetAsync(SandboxFault? fault, HttpContext context)
    {
        switch (fault)
        {
            case SandboxFault.Slow:
                await Task.Delay(faults.Slowness, time, context.RequestAborted);
                return null;
            case SandboxFault.Unauthorized:
                return SandboxAnswer.Error(StatusCodes.Status401Unauthorized, "UNAUTHENTICATED", "The token is missing, unknown or expired");
            case SandboxFault.Forbidden:
                return SandboxAnswer.Error(StatusCodes.Status403Forbidden, "PERMISSION_DENIED", "The app has no permission for this");
            case SandboxFault.TooManyRequests:
                return SandboxAnswer.TooMany(faults.RetryAfter);
            case SandboxFault.ServerError:
                return SandboxAnswer.Error(StatusCodes.Status500InternalServerError, "INTERNAL", "Internal server error");
            case SandboxFault.NotFound:
                return SandboxAnswer.NotFound("Entity");
            case SandboxFault.Html:
                return SandboxAnswer.Html();
            default:
                return null;
        }
    }

    private LoyaltyImport Spoil(SandboxImport import, SandboxFault? fault)
    {
        var state = import.At(time.GetUtcNow());
        return fault switch
        {
            SandboxFault.Stale => import.Before(state),
            SandboxFault.RevisionBack => state with { Revision = import.Before(state) is var before && before.Revision == state.Revision ? "0" : before.Revision },
            SandboxFault.OtherImport => state with { Id = world.OtherThan(import)?.Id ?? "5a4db0c5-ffff-4fff-8fff-ffffffffffff" },
            SandboxFault.UnknownStatus => state with { Status = "HIBERNATING" },
            _ => state,
        };
    }

    private Task SendAsync(HttpContext context, Asked asked, SandboxAnswer answer, SandboxFault? fault)
    {
        // Before it is sent: whoever has read the answer finds it in the log.
        Note(context, asked, answer.Status, fault);
        return answer.SendAsync(context, fault);
    }

    private void Note(HttpContext context, Asked asked, int status, SandboxFault? fault) => log.Note(new(
        time.GetUtcNow(), asked.InstanceId, asked.InstanceId is null ? null : world.Site(asked.InstanceId)?.Name, context.Request.Method, LoggedPath(context.Request.Path), asked.What is { Length: > LongestWhat } what ? what[..LongestWhat] + "…" : asked.What, asked.Token, status, fault));

    // A link to a file opens it, so its signature is not for a log.
    private static string LoggedPath(PathString path) => path.StartsWithSegments(Path, out var rest) && !rest.StartsWithSegments("/files") ? Uri.EscapeDataString(rest.Value ?? string.Empty).Replace("%2F", "/", StringComparison.Ordinal) : "/files";

    private static string ImportId(HttpContext context) =>
        Guid.TryParseExact(context.Request.Query["loyaltyImportId"], "D", out var id) ? id.ToString("D") : throw new SandboxViolation("loyaltyImportId", "FORMAT", "must be a GUID");

    private static JsonNode Json(LoyaltyImport import) => JsonNode.Parse(ImportJson.Write(import))!;

    private static string? Text(JsonObject body, string name) => body[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > LongestBody)
        {
            throw new JsonException();
        }

        // Without a length the server's own limit would allow 30 MB.
        using var body = new MemoryStream();
        var buffer = new byte[4_096];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LongestBody)
            {
                throw new JsonException();
            }
        }

        return JsonNode.Parse(body.ToArray(), documentOptions: new() { AllowDuplicateProperties = false });
    }

    private sealed record Asked(string? InstanceId, int? Token, string? What);
}
