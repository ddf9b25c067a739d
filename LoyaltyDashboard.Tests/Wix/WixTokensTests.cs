using System.Text.Json;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixTokensTests : IAsyncLifetime
{
    private const string Import = """{"loyaltyImport":{"id":"i1"}}""";

    private WixApiBench _bench = null!;

    private FakeWix Wix => _bench.Wix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await WixApiBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Token_is_asked_for_with_the_credentials_and_shown_without_Bearer()
    {
        Wix.Answer(200, Import);
        await _bench.GetAsync();

        var request = Wix.Requests[0];
        Assert.Equal(("POST", "/oauth2/token", null, "application/json; charset=utf-8"), (request.Method, request.Path, request.Authorization, request.ContentType));
        Assert.Equal(
            new() { ["grant_type"] = "client_credentials", ["client_id"] = "the-app", ["client_secret"] = WixApiBench.Secret, ["instance_id"] = WixApiBench.Site },
            JsonSerializer.Deserialize<Dictionary<string, string>>(request.Body)!);
        Assert.Equal(FakeWix.Token(1), Wix.Requests[1].Authorization);
    }

    [Fact]
    public async Task Token_is_kept_until_five_minutes_before_its_end()
    {
        await GetAsync();
        _bench.Time.Advance(TimeSpan.FromHours(4) - TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await GetAsync();
        Assert.Single(Wix.TokenRequests);

        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        await GetAsync();
        Assert.Equal([FakeWix.Token(1), FakeWix.Token(1), FakeWix.Token(2)], Wix.Calls.Select(c => c.Authorization));
    }

    [Theory]
    [InlineData("""{"access_token":"t","expires_in":60}""", 30)]
    [InlineData("""{"access_token":"t","expires_in":"3600"}""", 3300)]
    [InlineData("""{"access_token":"t"}""", 14_100)]
    [InlineData("""{"access_token":"t","expires_in":9223372036854775807}""", 86_100)]
    public async Task Life_of_a_token_is_read_however_it_is_written(string answer, int seconds)
    {
        Wix.AnswerToken(200, answer);
        await GetAsync();
        _bench.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        await GetAsync();
        Assert.Single(Wix.TokenRequests);

        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        await GetAsync();
        Assert.Equal(2, Wix.TokenRequests.Count);
    }

    [Fact]
    public async Task Sites_have_tokens_of_their_own()
    {
        await GetAsync();
        await GetAsync("another site");

        Assert.Equal([FakeWix.Token(1), FakeWix.Token(2)], Wix.Calls.Select(c => c.Authorization));
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_request()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Wix.AnswerToken(async context =>
        {
            await goOn.Task;
            await context.Response.WriteAsync("""{"access_token":"shared"}""", Cancellation);
        });
        var calls = Enumerable.Range(0, 20).Select(_ => GetAsync()).ToList();
        await Wix.NextAsync(Cancellation);
        goOn.SetResult();
        await Task.WhenAll(calls);

        Assert.Single(Wix.TokenRequests);
        Assert.All(Wix.Calls, call => Assert.Equal("shared", call.Authorization));
    }

    [Fact]
    public async Task Caller_that_gives_up_leaves_the_request_to_the_others()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Wix.AnswerToken(async context =>
        {
            await goOn.Task;
            await context.Response.WriteAsync("""{"access_token":"shared"}""", Cancellation);
        });
        using var leaves = new CancellationTokenSource();
        var left = _bench.Api.GetImportAsync(WixApiBench.Site, "i1", leaves.Token);
        var stays = GetAsync();
        await Wix.NextAsync(Cancellation);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        goOn.SetResult();
        await stays;

        Assert.Single(Wix.TokenRequests);
    }

    [Fact]
    public async Task Request_ends_when_its_last_caller_gives_up_and_the_next_caller_begins_another()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Wix.AnswerToken(async context =>
        {
            await FakeWix.NeverAsync(context);
            ended.SetResult();
        });
        using var leaves = new CancellationTokenSource();
        var left = _bench.Api.GetImportAsync(WixApiBench.Site, "i1", leaves.Token);
        await Wix.NextAsync(Cancellation);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await ended.Task.WaitAsync(Cancellation);

        await GetAsync();
        Assert.Equal(2, Wix.TokenRequests.Count);
    }

    [Fact]
    public async Task Token_that_is_not_accepted_is_renewed_and_the_call_repeated_with_its_body()
    {
        Wix.Answer(401, """{"message":"expired"}""");
        Wix.Answer(200, """{"loyaltyImports":[]}""");
        await _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation);

        Assert.Equal([FakeWix.Token(1), FakeWix.Token(2)], Wix.Calls.Select(c => c.Authorization));
        Assert.Equal(Wix.Calls[0].Body, Wix.Calls[1].Body);
        Assert.NotEmpty(Wix.Calls[1].Body);
    }

    [Fact]
    public async Task New_token_that_is_not_accepted_either_is_a_fault()
    {
        Wix.Answer(401, """{"message":"expired"}""");
        Wix.Answer(401, """{"message":"expired"}""");
        var fault = await WixApiBench.FaultOf(_bench.GetAsync());

        Assert.Equal((WixApiFault.Rejected, 401, false), (fault.Fault, fault.StatusCode, fault.TokenRefused));
        Assert.Equal("Get Loyalty Import: Wix does not accept the token it gave (HTTP 401: expired).", fault.Message);
        Assert.Equal((2, 2), (Wix.TokenRequests.Count, Wix.Calls.Count));
    }

    [Fact]
    public async Task Refused_token_names_the_code_and_is_asked_for_again_by_the_next_call()
    {
        Wix.AnswerToken(400, """{"error":"invalid_grant","error_description":"App is not installed."}""");
        var fault = await WixApiBench.FaultOf(_bench.GetAsync());

        Assert.Equal((WixApiFault.Refused, 400, true, "invalid_grant"), (fault.Fault, fault.StatusCode, fault.TokenRefused, fault.Code));
        Assert.Equal("Create Access Token: Wix gives no token for this site (HTTP 400, invalid_grant: App is not installed).", fault.Message);
        Assert.Empty(Wix.Calls);
        await GetAsync();
    }

    [Fact]
    public async Task App_that_Wix_does_not_know_names_the_two_keys_to_compare()
    {
        Wix.AnswerToken(401, """{"error":"invalid_client","error_description":"client_secret is wrong"}""");
        var fault = await WixApiBench.FaultOf(_bench.GetAsync());

        Assert.Equal("Create Access Token: Wix does not know the app: compare Wix:AppId and Wix:AppSecret with \"View ID & keys\" of the app (HTTP 401, invalid_client: client_secret is wrong).", fault.Message);
    }

    [Theory]
    [InlineData(403, """{"error":"access_denied"}""", WixApiFault.Refused)]
    [InlineData(401, """{"message":"no OAuth"}""", WixApiFault.NotUnderstood)]
    [InlineData(404, "<html>", WixApiFault.NotUnderstood)]
    [InlineData(429, """{"error":"slow_down"}""", WixApiFault.TooManyRequests)]
    [InlineData(500, "<html>", WixApiFault.Unavailable)]
    [InlineData(302, "", WixApiFault.NotUnderstood)]
    [InlineData(200, "<html>", WixApiFault.NotUnderstood)]
    [InlineData(200, """{"access_token":""", WixApiFault.NotUnderstood)]
    [InlineData(200, "{}", WixApiFault.NotUnderstood)]
    [InlineData(200, """{"access_token":""}""", WixApiFault.NotUnderstood)]
    [InlineData(200, """{"access_token":{"a":1}}""", WixApiFault.NotUnderstood)]
    [InlineData(200, """{"access_token":"two\r\nlines"}""", WixApiFault.NotUnderstood)]
    public async Task Other_answers_give_no_token(int status, string body, WixApiFault expected)
    {
        Wix.AnswerToken(status, body);
        var fault = await WixApiBench.FaultOf(_bench.GetAsync());

        Assert.Equal((expected, status), (fault.Fault, fault.StatusCode));
        Assert.StartsWith("Create Access Token: ", fault.Message);
        Assert.Equal(expected == WixApiFault.Refused, fault.TokenRefused);
        Assert.Empty(Wix.Calls);
    }

    [Fact]
    public async Task Requests_for_tokens_count_in_the_budget()
    {
        await GetAsync();
        Assert.Equal(2, _bench.Budget.Used(WixApiBench.Site));
    }

    private Task<ApiImport> GetAsync(string site = WixApiBench.Site)
    {
        Wix.Answer(200, Import);
        return _bench.GetAsync(site: site);
    }
}
