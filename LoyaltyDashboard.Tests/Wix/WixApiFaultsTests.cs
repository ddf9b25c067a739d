using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class WixApiFaultsTests : IAsyncLifetime
{
    private const string Link = "https://files.example/errors.csv?token=signed";

    private WixApiBench _bench = null!;

    private FakeWix Wix => _bench.Wix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bench = await WixApiBench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(404, """{"message":"No import."}""", WixApiFault.NotFound, "Wix does not know what was asked for (HTTP 404: No import).")]
    [InlineData(404, """{"details":{"applicationError":{"code":"NOT_FOUND","description":"gone"}}}""", WixApiFault.NotFound, "Wix does not know what was asked for (HTTP 404, NOT_FOUND: gone).")]
    [InlineData(404, """{"message":"","details":{}}""", WixApiFault.NotFound, "Wix does not know what was asked for (HTTP 404).")]
    [InlineData(404, """{"error":"x"}""", WixApiFault.NotUnderstood, "this is no answer of Wix's API; Wix:ApiBaseUrl may name another place (HTTP 404).")]
    [InlineData(404, "<html>Not found</html>", WixApiFault.NotUnderstood, "this is no answer of Wix's API; Wix:ApiBaseUrl may name another place (HTTP 404).")]
    [InlineData(404, "", WixApiFault.NotUnderstood, "this is no answer of Wix's API; Wix:ApiBaseUrl may name another place (HTTP 404).")]
    [InlineData(403, """{"message":"Forbidden"}""", WixApiFault.Refused, "Wix does not let the app do this on this site (HTTP 403: Forbidden).")]
    [InlineData(429, "slow down", WixApiFault.TooManyRequests, "Wix asks for fewer requests (HTTP 429).")]
    [InlineData(400, """{"message":"","details":{"validationError":{"fieldViolations":[{"field":"query.limit","description":"too large"}]}}}""", WixApiFault.Rejected, "Wix takes the request for wrong (HTTP 400, query.limit: too large).")]
    [InlineData(403, "<html>Blocked</html>", WixApiFault.NotUnderstood, "something before Wix's API refused the request (HTTP 403).")]
    [InlineData(408, "", WixApiFault.Unavailable, "the request did not get through in time (HTTP 408).")]
    [InlineData(425, "<html>", WixApiFault.Unavailable, "the request did not get through in time (HTTP 425).")]
    [InlineData(409, "<html>", WixApiFault.NotUnderstood, "something before Wix's API refused the request (HTTP 409).")]
    [InlineData(409, """{"message":"Not now"}""", WixApiFault.Rejected, "Wix takes the request for wrong (HTTP 409: Not now).")]
    [InlineData(500, """{"message":"oops","details":[]}""", WixApiFault.Unavailable, "Wix has a fault of its own (HTTP 500: oops).")]
    [InlineData(501, "<html>", WixApiFault.Unavailable, "Wix has a fault of its own (HTTP 501).")]
    [InlineData(302, "", WixApiFault.NotUnderstood, "the answer is not what Wix documents (HTTP 302).")]
    public async Task Status_makes_the_fault_and_Wix_own_words_are_passed_on(int status, string body, WixApiFault expected, string message)
    {
        var fault = await _bench.FaultOfGet(status, body, ("Location", Link));

        Assert.Equal((expected, status, "Get Loyalty Import: " + message), (fault.Fault, fault.StatusCode, fault.Message));
        Assert.Null(fault.RetryAfter);
        Assert.Single(Wix.Calls);
    }

    [Theory]
    [InlineData("<html>Sign in</html>")]
    [InlineData("""{"loyaltyImport":{"id":"i1",""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Answer_that_is_no_JSON_object_is_not_understood(string body)
    {
        var fault = await _bench.FaultOfGet(200, body);

        Assert.Equal((WixApiFault.NotUnderstood, 200), (fault.Fault, fault.StatusCode));
        Assert.Equal("Get Loyalty Import: the answer is not what Wix documents, it is no JSON object of at most 8 MiB (HTTP 200).", fault.Message);
    }

    [Theory]
    [InlineData("{}", "it holds no import")]
    [InlineData("""{"loyaltyImport":7}""", "it holds no import")]
    [InlineData("""{"loyaltyImport":{"status":"PARSED"}}""", "it holds no import")]
    [InlineData("""{"loyaltyImport":{"id":"i2"}}""", "it holds another import than the one asked for")]
    public async Task Answer_without_the_import_is_not_understood(string body, string cause)
    {
        var fault = await _bench.FaultOfGet(200, body);
        Assert.Equal((WixApiFault.NotUnderstood, $"Get Loyalty Import: the answer is not what Wix documents, {cause} (HTTP 200)."), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData("{}", "it holds no list of imports")]
    [InlineData("""{"loyaltyImports":{}}""", "it holds no list of imports")]
    [InlineData("""{"loyaltyImports":[],"pagingMetadata":[]}""", "it holds no list of imports")]
    [InlineData("""{"loyaltyImports":[],"pagingMetadata":{"cursors":{"next":"here"},"hasNext":true}}""", "its cursor leads nowhere")]
    public async Task Answer_without_a_page_is_not_understood(string body, string cause)
    {
        Wix.Answer(200, body);
        var fault = await WixApiBench.FaultOf(_bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery { Cursor = "here" }, Cancellation));

        Assert.Equal((WixApiFault.NotUnderstood, $"Query Loyalty Imports: the answer is not what Wix documents, {cause} (HTTP 200)."), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData(ImportsQuery.LargestLimit, true)]
    [InlineData(ImportsQuery.LargestLimit + 1, false)]
    public async Task Page_that_is_longer_than_any_that_was_asked_for_is_not_understood(int length, bool isTaken)
    {
        Wix.Answer(200, $$"""{"loyaltyImports":[{{string.Join(',', Enumerable.Range(0, length).Select(i => $$"""{"id":"{{i}}"}"""))}}]}""");
        var fault = await Record.ExceptionAsync(() => _bench.Api.QueryImportsAsync(WixApiBench.Site, new ImportsQuery(), Cancellation));

        Assert.Equal(isTaken ? null : WixApiFault.NotUnderstood, (fault as WixApiException)?.Fault);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"url":"/sites/errors.csv"}""")]
    [InlineData("""{"url":"file:///etc/passwd"}""")]
    [InlineData("""{"url":{"href":"https://files.example"}}""")]
    public async Task Answer_without_a_link_is_not_understood(string body)
    {
        Wix.Answer(200, body);
        var fault = await WixApiBench.FaultOf(_bench.Api.GetErrorFileUrlAsync(WixApiBench.Site, "i1", Cancellation));

        Assert.Equal((WixApiFault.NotUnderstood, "Get Error File Download URL: the answer is not what Wix documents, it holds no link (HTTP 200)."), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData("{}", "it holds neither an instance nor a site")]
    [InlineData("""{"instance":[],"site":7}""", "it holds neither an instance nor a site")]
    [InlineData("""{"instance":{"instanceId":"another"},"site":{}}""", "it holds another instance than the one asked for")]
    public async Task Answer_without_the_instance_is_not_understood(string body, string cause)
    {
        Wix.Answer(200, body);
        var fault = await WixApiBench.FaultOf(_bench.Api.GetAppInstanceAsync(WixApiBench.Site, Cancellation));

        Assert.Equal((WixApiFault.NotUnderstood, $"Get App Instance: the answer is not what Wix documents, {cause} (HTTP 200)."), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_larger_than_the_limit_is_not_read_to_its_end(bool isPacked)
    {
        Wix.Answer(async context =>
        {
            context.Response.Headers.ContentEncoding = isPacked ? "gzip" : "identity";
            await using var body = isPacked ? new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest) : context.Response.Body;
            var blanks = new byte[1024 * 1024];
            blanks.AsSpan().Fill((byte)' ');
            for (var written = 0; written <= 8; written++)
            {
                await body.WriteAsync(blanks, Cancellation);
            }

            await body.WriteAsync("""{"loyaltyImport":{"id":"i1"}}"""u8.ToArray(), Cancellation);
        });
        var fault = await WixApiBench.FaultOf(_bench.GetAsync());

        Assert.Equal((WixApiFault.NotUnderstood, 200), (fault.Fault, fault.StatusCode));
        Assert.Single(Wix.Calls);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task Answer_packed_wrongly_is_not_understood(string packing)
    {
        var fault = await _bench.FaultOfGet(200, """{"loyaltyImport":{"id":"i1"}}""", ("Content-Encoding", packing));

        Assert.Equal(WixApiFault.NotUnderstood, fault.Fault);
        Assert.Single(Wix.Calls);
    }

    [Theory]
    [InlineData(429, "17", 17)]
    [InlineData(429, "0", 0)]
    [InlineData(429, "Tue, 24 Nov 2026 12:01:30 GMT", 90)]
    [InlineData(429, "Tue, 24 Nov 2026 11:00:00 GMT", 0)]
    [InlineData(429, "soon", null)]
    [InlineData(429, "-5", null)]
    [InlineData(503, "3", 3)]
    [InlineData(503, "Tue, 24 Nov 2026 12:00:03 GMT", 3)]
    public async Task Wait_that_Wix_asks_for_comes_out_at_once(int status, string written, int? seconds)
    {
        var fault = await _bench.FaultOfGet(status, "", ("Retry-After", written));

        Assert.Equal(seconds, fault.RetryAfter?.TotalSeconds);
        Assert.Equal(status == 429 ? WixApiFault.TooManyRequests : WixApiFault.Unavailable, fault.Fault);
        Assert.Equal(seconds is not null, fault.Message.Contains($"(HTTP {status}, again in {seconds} s)", StringComparison.Ordinal));
        Assert.Single(Wix.Calls);
    }

    [Fact]
    public async Task Wix_words_are_short_and_clean()
    {
        var words = $"See {Link},\\r\\n\\tnot \\u202e{FakeWix.Token(1)} {new string('k', 60)} {WixApiBench.Secret}. {string.Join(' ', Enumerable.Repeat("word", 100))}";
        var code = string.Join('_', Enumerable.Repeat("C", 23));
        var fault = await _bench.FaultOfGet(400, "{\"message\":\"" + words + "\",\"details\":{\"applicationError\":{\"code\":\"" + code + "\"}}}");

        Assert.StartsWith("Get Loyalty Import: Wix takes the request for wrong (HTTP 400, C_C_", fault.Message);
        Assert.Contains(": See … not … … … word word ", fault.Message.Replace("….", "…", StringComparison.Ordinal));
        Assert.EndsWith("…).", fault.Message);
        Assert.InRange(fault.Message.Length, 200, 350);
    }

    [Fact]
    public async Task Nothing_that_is_secret_is_logged_or_told()
    {
        Wix.Answer(200, """{"loyaltyImport":{"id":"i1"}}""");
        await _bench.GetAsync();
        Wix.Answer(200, $$"""{"url":"{{Link}}"}""");
        await _bench.Api.GetErrorFileUrlAsync(WixApiBench.Site, "i1", Cancellation);

        List<string> told = [];
        foreach (var status in (int[])[400, 403, 404, 409, 429, 500])
        {
            told.Add((await _bench.FaultOfGet(status, $$"""{"message":"{{FakeWix.Token(1)}} {{WixApiBench.Secret}} {{Link}}"}""")).ToString());
        }

        Wix.Answer(FakeWix.BreakOffAsync);
        Wix.Answer(200, $$"""{"url":"ftp://files.example/?token=signed"}""");
        var broken = WixApiBench.FaultOf(_bench.Api.GetErrorFileUrlAsync(WixApiBench.Site, "i1", Cancellation));
        await _bench.PassRepeatAsync();
        told.Add((await broken).ToString());

        Wix.Answer(401, "");
        Wix.AnswerToken(401, $$"""{"error":"{{WixApiBench.Secret}}","error_description":"{{WixApiBench.Secret}} is wrong"}""");
        told.Add((await WixApiBench.FaultOf(_bench.GetAsync())).ToString());

        Assert.NotEmpty(_bench.Log);
        Assert.All([.. told, _bench.Log], text =>
        {
            Assert.DoesNotContain("hush", text);
            Assert.DoesNotContain("signed", text);
            Assert.DoesNotContain("files.example", text);
        });
    }
}
