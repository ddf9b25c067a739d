using System.Net;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxApiTests : IDisposable
{
    private readonly RunningSandbox _sandbox = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task Token_is_answered_as_Wix_does()
    {
        using var response = await _sandbox.AskTokenAsync();

        var token = (await RunningSandbox.JsonAsync(response)).AsObject();
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal(["access_token", "token_type", "expires_in"], token.Select(p => p.Key));
        Assert.Equal(("Bearer", 14_400), ((string)token["token_type"]!, (int)token["expires_in"]!));
    }

    [Fact]
    public async Task Token_ends_after_four_hours_and_speaks_for_one_site()
    {
        var import = _sandbox.Add();
        var token = await _sandbox.TokenAsync();

        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(import.Id, token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(import.Id, "Bearer " + token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _sandbox.GetAsync(import.Id, instance: RunningSandbox.OtherSite.InstanceId)).StatusCode);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(14_399));
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(import.Id, token)).StatusCode);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await _sandbox.GetAsync(import.Id, token)).StatusCode);
    }

    [Fact]
    public async Task Import_is_given_as_it_looks_now()
    {
        var import = _sandbox.Add();
        foreach (var (seconds, status) in ((int, string)[])[(0, "INITIATED"), (2, "PARSING"), (3, "PARSED"), (10, "IMPORTING"), (20, "IMPORTED"), (1_000, "IMPORTED")])
        {
            _sandbox.Time.Advance(TimeSpan.FromSeconds(seconds));
            var body = await RunningSandbox.JsonAsync(await _sandbox.GetAsync(import.Id));

            Assert.Equal(["loyaltyImport"], body.AsObject().Select(p => p.Key));
            Assert.Equal(status, (string)body["loyaltyImport"]!["status"]!);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(ImportJson.Write(import.At(_sandbox.Time.GetUtcNow()))), body["loyaltyImport"]));
        }
    }

    [Fact]
    public async Task Import_that_is_not_there_is_404_and_an_id_that_is_none_400()
    {
        using var missing = await _sandbox.GetAsync("0a0a0a0a-ffff-4000-8000-000000000000");
        using var wrong = await _sandbox.GetAsync("nonsense");

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("NOT_FOUND", (string)(await RunningSandbox.JsonAsync(missing))["details"]!["applicationError"]!["code"]!);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal("loyaltyImportId", (string)(await RunningSandbox.JsonAsync(wrong))["details"]!["validationError"]!["fieldViolations"]![0]!["field"]!);
    }

    [Fact]
    public async Task App_instance_names_the_site()
    {
        var body = await RunningSandbox.JsonAsync(await _sandbox.SendAsync(HttpMethod.Get, "/sandbox/wix/apps/v1/instance"));

        Assert.Equal(RunningSandbox.Site.InstanceId, (string)body["instance"]!["instanceId"]!);
        Assert.Equal((RunningSandbox.Site.Name, RunningSandbox.Site.Url), ((string)body["site"]!["siteDisplayName"]!, (string)body["site"]!["url"]!));
    }

    [Fact]
    public async Task Path_that_Wix_does_not_have_is_404_in_its_shape()
    {
        using var response = await _sandbox.SendAsync(HttpMethod.Post, "/sandbox/wix/v1/loyalty-imports/query", "{}");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("NOT_FOUND", (string)(await RunningSandbox.JsonAsync(response))["details"]!["applicationError"]!["code"]!);
    }

    [Fact]
    public async Task Request_201_of_a_minute_is_429_for_its_site_alone_until_the_first_is_a_minute_old()
    {
        var import = _sandbox.Add();
        for (var i = 0; i < SandboxRateLimit.PerMinute; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(import.Id)).StatusCode);
            _sandbox.Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        using var refused = await _sandbox.GetAsync(import.Id);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(40)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Equal("RESOURCE_EXHAUSTED", (string)(await RunningSandbox.JsonAsync(refused))["details"]!["applicationError"]!["code"]!);
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.QueryAsync(instance: RunningSandbox.OtherSite.InstanceId)).StatusCode);
        _sandbox.Time.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(import.Id)).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await _sandbox.GetAsync(import.Id)).StatusCode);
        var limit = _sandbox.Services.GetRequiredService<SandboxRateLimit>();
        Assert.Equal((2L, 200, 1), (limit.Refused, limit.MostInAMinute(RunningSandbox.Site.InstanceId), limit.MostInAMinute(RunningSandbox.OtherSite.InstanceId)));
    }

    [Fact]
    public async Task Client_of_Wix_reaches_the_stand_in_at_its_configured_address()
    {
        var wix = _sandbox.Services.GetRequiredService<IOptions<WixOptions>>().Value;
        Assert.Equal(("http://localhost/sandbox/wix", SandboxSetup.AppId, true), (wix.ApiBaseUrl, wix.AppId, wix.CanFollow));

        var answer = await _sandbox.Services.GetRequiredService<WixApi>().GetAppInstanceAsync(RunningSandbox.Site.InstanceId, Stop);

        Assert.Equal(RunningSandbox.Site.Name, answer.SiteName);
        Assert.Equal(["/oauth2/token", "/apps/v1/instance"], _sandbox.Log.Entries.Select(e => e.Path));
    }

    [Fact]
    public async Task Log_tells_what_was_asked_and_answered_and_never_a_token()
    {
        var import = _sandbox.Add();
        _sandbox.Faults.Switch(SandboxFault.ServerError, times: 1, on: SandboxRequest.Query);
        await _sandbox.AskTokenAsync(instance: RunningSandbox.OtherSite.InstanceId);
        await _sandbox.GetAsync(import.Id);
        await _sandbox.QueryAsync("""{"filter":{"status":{"$in":["PARSED","INITIATED"]}}}""");

        var entries = _sandbox.Log.Entries;
        var (rosa, blue) = (RunningSandbox.Site.Name, RunningSandbox.OtherSite.Name);
        Assert.Equal(
            [
                $"{blue} POST /oauth2/token  1 200 ",
                $"{rosa} POST /oauth2/token  2 200 ",
                $"{rosa} GET /_api/loyalty-imports/v1/loyalty-imports {import.Id} 2 200 ",
                rosa + """ POST /_api/loyalty-imports/v1/loyalty-imports/query filter {"status":{"$in":["PARSED","INITIATED"]}} sort createdDate DESC limit 50 gave 1 2 500 ServerError""",
            ],
            entries.Select(e => $"{e.Site} {e.Method} {e.Path} {e.What} {e.Token} {e.Status} {e.Fault}"));
        var text = await _sandbox.Client.GetStringAsync("/sandbox/log", Stop);
        Assert.Equal(4, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(await _sandbox.TokenAsync(), text);
        Assert.EndsWith("fault server-error\n", text);
        Assert.Equal(entries[0] + "\n", await _sandbox.Client.GetStringAsync("/sandbox/log?site=" + Uri.EscapeDataString(blue), Stop));
    }

    [Fact]
    public void Log_keeps_the_newest()
    {
        var log = _sandbox.Log;
        for (var i = 0; i <= SandboxLog.Most; i++)
        {
            log.Note(new(default, null, null, "GET", $"/{i}\n", null, null, 200, null));
        }

        Assert.Equal((SandboxLog.Most, "/1\n", SandboxLog.Most + 1L), (log.Entries.Count, log.Entries[0].Path, log.Total));
        Assert.DoesNotContain('\n', log.Entries[0].ToString());
    }
}
