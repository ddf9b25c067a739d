using System.Net;

namespace LoyaltyDashboard.Tests.Sandbox;

/// <summary>What the stand-in refuses leaves nothing behind, so one program serves all these tests.</summary>
public sealed class SandboxRefusalTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("password", null, null, null, 400, "unsupported_grant_type")]
    [InlineData(null, null, null, null, 400, "unsupported_grant_type")]
    [InlineData("client_credentials", "other", null, null, 401, "invalid_client")]
    [InlineData("client_credentials", null, "other", null, 401, "invalid_client")]
    [InlineData("client_credentials", null, "", null, 401, "invalid_client")]
    [InlineData("client_credentials", null, null, "not-installed", 400, "invalid_grant")]
    public async Task Token_that_may_not_be_had_is_an_OAuth_error(string? grant, string? id, string? secret, string? instance, int status, string error)
    {
        using var response = await sandbox.AskTokenAsync(grant, id, secret, instance);

        Assert.Equal((status, error), ((int)response.StatusCode, (string)(await RunningSandbox.JsonAsync(response))["error"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"grant_type\":")]
    [InlineData("{\"grant_type\":\"client_credentials\",\"grant_type\":\"client_credentials\"}")]
    public async Task Token_asked_for_without_JSON_is_an_OAuth_error(string body)
    {
        using var response = await sandbox.Client.PostAsync("/sandbox/wix/oauth2/token", new StringContent(body), Stop);

        Assert.Equal((400, "invalid_request"), ((int)response.StatusCode, (string)(await RunningSandbox.JsonAsync(response))["error"]!));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OAUTH2.sandbox.x")]
    [InlineData("Bearer ")]
    public async Task Request_without_a_token_of_ours_is_401_in_the_shape_of_Wix(string token)
    {
        using var response = await sandbox.GetAsync(Guid.NewGuid().ToString(), token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("UNAUTHENTICATED", (string)(await RunningSandbox.JsonAsync(response))["details"]!["applicationError"]!["code"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"query":{}""")]
    [InlineData("""{"query":{},"query":{}}""")]
    [InlineData("""{"query":{"filter":{"id":"x"}}}""")]
    public async Task Query_that_is_not_as_documented_is_400_in_the_shape_of_Wix(string body)
    {
        using var response = await sandbox.SendAsync(HttpMethod.Post, $"{RunningSandbox.Imports}/query", body);

        var error = await RunningSandbox.JsonAsync(response);
        Assert.Equal((400, "message,details"), ((int)response.StatusCode, string.Join(',', error.AsObject().Select(p => p.Key))));
        Assert.Equal(["field", "description", "violatedRule"], Assert.Single(error["details"]!["validationError"]!["fieldViolations"]!.AsArray())!.AsObject().Select(p => p.Key));
    }

    [Theory]
    [InlineData("", "The body must be a JSON object like ")]
    [InlineData("null", "The body must be a JSON object like ")]
    [InlineData("[]", "The body must be a JSON object like ")]
    [InlineData("""{"fault":"stale","time":3}""", "The body must be a JSON object like ")]
    [InlineData("""{"fault":"stale","times":"many"}""", "The body must be a JSON object like ")]
    [InlineData("""{}""", "fault must be one of unauthorized, ")]
    [InlineData("""{"fault":"Stale"}""", "fault must be one of unauthorized, ")]
    [InlineData("""{"fault":"stale","instanceId":"x"}""", "instanceId is no site of the sandbox. ")]
    [InlineData("""{"fault":"stale","on":"x"}""", "on must be one of token, get, query, error-file-url, instance, file. ")]
    [InlineData("""{"fault":"stale","on":"token"}""", "stale changes imports, and an answer to token holds none.")]
    [InlineData("""{"fault":"stale","times":0}""", "A fault lasts for 1 to 1000000 requests, or until it is switched off.")]
    public async Task Switch_that_is_not_understood_is_told_in_a_problem_document(string body, string fault)
    {
        using var response = await sandbox.Client.PutAsync("/sandbox/faults", new StringContent(body), Stop);

        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith(fault, (string)(await RunningSandbox.JsonAsync(response))["detail"]!);
        Assert.Empty(sandbox.Faults.Switches);
    }
}
