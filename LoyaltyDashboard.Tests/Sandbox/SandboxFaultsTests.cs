using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxFaultsTests : IDisposable
{
    private readonly RunningSandbox _sandbox = new();
    private readonly SandboxImport _import;

    public SandboxFaultsTests() => _import = _sandbox.Add(TimeSpan.FromHours(1));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _sandbox.Dispose();

    [Theory]
    [InlineData(SandboxFault.Unauthorized, 401)]
    [InlineData(SandboxFault.Forbidden, 403)]
    [InlineData(SandboxFault.TooManyRequests, 429)]
    [InlineData(SandboxFault.ServerError, 500)]
    [InlineData(SandboxFault.NotFound, 404)]
    public async Task Fault_is_its_status_in_the_shape_of_Wix_for_as_many_requests_as_said(SandboxFault fault, int status)
    {
        _sandbox.Faults.Switch(fault, times: 2);

        using var get = await _sandbox.GetAsync(_import.Id);
        using var query = await _sandbox.QueryAsync();

        Assert.Equal((status, status), ((int)get.StatusCode, (int)query.StatusCode));
        Assert.Equal(["message", "details"], (await RunningSandbox.JsonAsync(get)).AsObject().Select(p => p.Key));
        Assert.Equal(status == 429 ? _sandbox.Faults.RetryAfter : null, get.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(_import.Id)).StatusCode);
        Assert.Empty(_sandbox.Faults.Switches);
        Assert.Equal([null, fault, fault, null], _sandbox.Log.Entries.Select(e => e.Fault));
    }

    [Fact]
    public async Task Html_is_a_page_with_200()
    {
        _sandbox.Faults.Switch(SandboxFault.Html);

        using var response = await _sandbox.GetAsync(_import.Id);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Half_JSON_is_a_whole_answer_that_cannot_be_read()
    {
        _sandbox.Faults.Switch(SandboxFault.HalfJson);

        using var response = await _sandbox.GetAsync(_import.Id);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.ThrowsAny<JsonException>(() => JsonNode.Parse(response.Content.ReadAsStringAsync(Stop).Result));
    }

    [Fact]
    public async Task Cut_breaks_off_in_the_middle()
    {
        _sandbox.Faults.Switch(SandboxFault.Cut, times: 1);

        await Assert.ThrowsAsync<HttpRequestException>(() => _sandbox.GetAsync(_import.Id));

        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(_import.Id)).StatusCode);
        Assert.Empty(_sandbox.Warnings);
    }

    [Fact]
    public async Task Slow_answers_rightly_but_late()
    {
        var time = new Waits(TimeSpan.FromSeconds(12.345));
        using var sandbox = new RunningSandbox(time);
        var import = sandbox.Add();
        sandbox.Faults.Slowness = time.Wanted;
        sandbox.Faults.Switch(SandboxFault.Slow, times: 1);

        var asked = sandbox.GetAsync(import.Id);
        await time.Begun.WaitAsync(Stop);
        time.Advance(time.Wanted - TimeSpan.FromMilliseconds(1));
        Assert.Single(sandbox.Log.Entries);
        time.Advance(TimeSpan.FromMilliseconds(1));
        using var response = await asked;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Stale_shows_the_revision_before()
    {
        _sandbox.Faults.Switch(SandboxFault.Stale, times: 2);

        Assert.Equal("IMPORTING 4", await StateAsync());
        Assert.Equal("IMPORTING", (string)(await RunningSandbox.JsonAsync(await _sandbox.QueryAsync()))["loyaltyImports"]![0]!["status"]!);
        Assert.Equal("IMPORTED 5", await StateAsync());
    }

    [Fact]
    public async Task Revision_back_lowers_the_revision_and_repeats_the_first_of_a_list_as_it_was_created()
    {
        _sandbox.Faults.Switch(SandboxFault.RevisionBack);

        Assert.Equal("IMPORTED 4", await StateAsync());
        var list = await RunningSandbox.JsonAsync(await _sandbox.QueryAsync());
        Assert.Equal(["IMPORTED 4", "INITIATED 1"], list["loyaltyImports"]!.AsArray().Select(i => $"{i!["status"]} {i["revision"]}"));
        Assert.Equal(2, (int)list["pagingMetadata"]!["count"]!);
    }

    [Fact]
    public async Task Other_import_has_the_id_of_another()
    {
        var other = _sandbox.Add(instanceId: RunningSandbox.OtherSite.InstanceId);
        _sandbox.Faults.Switch(SandboxFault.OtherImport);

        var body = await RunningSandbox.JsonAsync(await _sandbox.GetAsync(_import.Id));

        Assert.Equal((other.Id, "IMPORTED"), ((string)body["loyaltyImport"]!["id"]!, (string)body["loyaltyImport"]!["status"]!));
    }

    [Fact]
    public async Task Unknown_status_is_none_of_the_seven()
    {
        _sandbox.Faults.Switch(SandboxFault.UnknownStatus);

        Assert.Equal("HIBERNATING 5", await StateAsync());
    }

    [Fact]
    public async Task Fault_can_be_for_one_site_or_one_kind_of_request()
    {
        _sandbox.Faults.Switch(SandboxFault.Forbidden, RunningSandbox.OtherSite.InstanceId);
        _sandbox.Faults.Switch(SandboxFault.ServerError, on: SandboxRequest.Query);
        _sandbox.Faults.Switch(SandboxFault.NotFound, on: SandboxRequest.Token, times: 1);

        Assert.Equal(HttpStatusCode.NotFound, (await _sandbox.AskTokenAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.GetAsync(_import.Id)).StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, (await _sandbox.QueryAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _sandbox.QueryAsync(instance: RunningSandbox.OtherSite.InstanceId)).StatusCode);
        _sandbox.Faults.Clear();
        Assert.Equal(HttpStatusCode.OK, (await _sandbox.QueryAsync()).StatusCode);
    }

    [Fact]
    public async Task People_switch_faults_over_HTTP()
    {
        using var put = await _sandbox.Client.PutAsJsonAsync("/sandbox/faults", new { fault = "too-many-requests", instanceId = RunningSandbox.Site.InstanceId, times = 3, on = "query" }, Stop);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal([new SandboxFaultSwitch(SandboxFault.TooManyRequests, RunningSandbox.Site.InstanceId, SandboxRequest.Query, 3)], _sandbox.Faults.Switches);
        var list = JsonNode.Parse(await _sandbox.Client.GetStringAsync("/sandbox/faults", Stop))!;
        Assert.Equal("""[{"fault":"too-many-requests","instanceId":"5a4db0c5-0000-4000-8000-000000000001","times":3,"on":"query"}]""", list["on"]!.ToJsonString());
        Assert.Equal(
            ["unauthorized", "forbidden", "too-many-requests", "server-error", "slow", "cut", "stale", "revision-back", "html", "half-json", "other-import", "unknown-status", "not-found"],
            list["faults"]!.AsArray().Select(f => (string)f!));
        Assert.Equal(HttpStatusCode.NoContent, (await _sandbox.Client.DeleteAsync("/sandbox/faults", Stop)).StatusCode);
        Assert.Empty(_sandbox.Faults.Switches);
    }

    private async Task<string> StateAsync()
    {
        var import = (await RunningSandbox.JsonAsync(await _sandbox.GetAsync(_import.Id)))["loyaltyImport"]!;
        return $"{import["status"]} {import["revision"]}";
    }

    /// <summary>A clock that tells when somebody waits for exactly the wanted time.</summary>
    private sealed class Waits(TimeSpan wanted) : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan Wanted => wanted;

        public Task Begun => _begun.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == wanted)
            {
                _begun.TrySetResult();
            }

            return timer;
        }
    }
}
