using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Sandbox;

/// <summary>The stand-in's faults and log over HTTP, for people.</summary>
internal sealed class SandboxSwitchboard(SandboxFaults faults, SandboxWorld world, SandboxLog log)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string[] _requests = [.. Enum.GetValues<SandboxRequest>().Select(SandboxFaults.Word)];

    /// <summary>Maps all paths.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/sandbox").DisableAntiforgery().ExcludeFromDescription().RequireAuthorization(RolePolicy.Operator);
        group.MapGet("/faults", List);
        group.MapPut("/faults", (Delegate)SwitchAsync);
        group.MapDelete("/faults", () =>
        {
            faults.Clear();
            return Results.NoContent();
        });
        group.MapGet("/log", ReadLog);
    }

    private IResult List() => Results.Json(
        new
        {
            on = faults.Switches.Select(s => new FaultBody(SandboxFaults.Word(s.Fault), s.InstanceId, s.Times, s.On is { } request ? SandboxFaults.Word(request) : null)),
            faults = SandboxFaults.Words,
            requests = _requests,
            sites = world.Sites.Select(site => new { site.InstanceId, site.Name }),
        },
        _json);

    private async Task<IResult> SwitchAsync(HttpContext context)
    {
        FaultBody? body;
        try
        {
            body = await JsonSerializer.DeserializeAsync<FaultBody>(context.Request.Body, _json, context.RequestAborted);
        }
        catch (JsonException)
        {
            body = null;
        }

        if (body is null)
        {
            return Bad("The body must be a JSON object like {\"fault\": \"server-error\", \"instanceId\": \"…\", \"times\": 3, \"on\": \"query\"}; only fault must be there.");
        }

        if (SandboxFaults.Parse(body.Fault) is not { } fault)
        {
            return Bad($"fault must be one of {string.Join(", ", SandboxFaults.Words)}.");
        }

        if (body.InstanceId is not null && world.Site(body.InstanceId) is null)
        {
            return Bad("instanceId is no site of the sandbox. Leave it out for all sites; GET /sandbox/faults lists them.");
        }

        var on = Array.IndexOf(_requests, body.On);
        if (body.On is not null && on < 0)
        {
            return Bad($"on must be one of {string.Join(", ", _requests)}. Leave it out for all requests that carry a token.");
        }

        try
        {
            faults.Switch(fault, body.InstanceId, body.Times, body.On is null ? null : (SandboxRequest)on);
            return List();
        }
        catch (ArgumentException exception)
        {
            return Bad(exception.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private IResult ReadLog(string? site)
    {
        var lines = new StringBuilder();
        foreach (var entry in log.Entries.Where(e => site is null || e.InstanceId == site || string.Equals(e.Site, site, StringComparison.OrdinalIgnoreCase)))
        {
            lines.Append(entry).Append('\n');
        }

        return Results.Text(lines.ToString(), "text/plain", Encoding.UTF8);
    }

    private static IResult Bad(string fault) => Results.Problem(fault, statusCode: StatusCodes.Status400BadRequest);

    private sealed record FaultBody(string? Fault, string? InstanceId = null, int? Times = null, string? On = null);
}
