using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Webhooks;

public sealed class WixDoorTests : IDisposable
{
    private readonly DashboardApp _app = DashboardApp.Start();
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Signed_event_is_stored_before_it_is_answered()
    {
        var webhook = new WixWebhook();

        var answer = await _app.PostAsync(webhook);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stored = await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop);
        Assert.Equal(("INITIATED", "members.csv", 20915L, WixWebhook.Site), (stored!.Row.StatusText, stored.Row.FileName, stored.Row.FileSize!.Value, stored.Row.Site!.InstanceId));
        Assert.Equal(webhook.EventId, stored.Event!.Id);
        Assert.Empty(_app.Warnings);
    }

    [Fact]
    public async Task Same_event_again_is_a_duplicate_and_changes_nothing()
    {
        var webhook = new WixWebhook();
        await _app.PostAsync(webhook);

        var again = await _app.PostAsync(webhook);

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var deliveries = (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries;
        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], deliveries.Select(d => d.Outcome));
        Assert.Equal(deliveries[1].RowId, deliveries[0].DuplicateOfRowId);
        Assert.False(deliveries[0].ContentDiffers);
        Assert.Single((await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Observations);
    }

    [Fact]
    public async Task Same_event_id_with_other_content_is_kept_and_flagged()
    {
        var webhook = new WixWebhook();
        await _app.PostAsync(webhook);

        await _app.PostAsync(webhook with { FileName = "other.csv" });

        var newest = (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries[0];
        Assert.True(newest.ContentDiffers);
        Assert.Contains("other.csv", (await _app.Deliveries.BodyAsync(Reader.System, newest.RowId, Stop))?.Json);
        Assert.Equal("members.csv", (await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Row.FileName);
    }

    [Fact]
    public async Task Older_revision_goes_to_the_history_only()
    {
        var webhook = new WixWebhook { Revision = "3", Status = "PARSED" };
        await _app.PostAsync(webhook);

        var answer = await _app.PostAsync(webhook with { EventId = Guid.NewGuid().ToString(), Revision = "2", Status = "PARSING" });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stored = await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop);
        Assert.Equal(("PARSED", 2), (stored!.Row.StatusText, stored.Observations.Count));
        Assert.Equal(DeliveryOutcome.Stale, (await _app.Deliveries.PageAsync(Reader.System, [], 1, 1, Stop)).Deliveries[0].Outcome);
    }

    [Fact]
    public async Task Same_sightings_in_any_order_end_in_the_same_state()
    {
        var states = new HashSet<string>();
        WixWebhook[] sightings =
        [
            new() { Revision = "1", Status = "INITIATED", EventId = "event-a" },
            new() { Revision = "9", Status = "IMPORTING", EventId = "event-b" },
            new() { Revision = "10", Status = "IMPORTED", EventId = "event-c" },
            new() { Revision = null, Status = "PARSING", EventId = "event-d" },
        ];
        foreach (var order in Permutations(sightings))
        {
            var id = Guid.NewGuid().ToString();
            foreach (var sighting in order)
            {
                await _app.PostAsync(sighting with { ImportId = id, EventId = sighting.EventId + id });
            }

            var stored = await _app.Imports.FindAsync(Reader.System, id, Stop);
            states.Add($"{stored!.Row.StatusText} {stored.Row.Revision} {stored.Event!.Id!.Replace(id, string.Empty, StringComparison.Ordinal)} {stored.Observations.Count}");
        }

        Assert.Equal(["IMPORTED 10 event-a 4"], states);
    }

    [Fact]
    public async Task Other_event_is_answered_200_and_kept_as_ignored()
    {
        var answer = await _app.PostAsync(new WixWebhook { EventType = "AppRemoved", EventId = null, Event = e => e.Clear() });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var kept = (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Single();
        Assert.Equal((DeliveryOutcome.Ignored, "AppRemoved"), (kept.Outcome, kept.EventType));
        Assert.NotNull(await _app.Deliveries.BodyAsync(Reader.System, kept.RowId, Stop));
    }

    [Fact]
    public async Task Event_without_an_import_is_quarantined_and_decoding_it_again_says_why_not()
    {
        var answer = await _app.PostAsync(new WixWebhook { Event = e => e["createdEvent"] = new JsonObject() });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var kept = (await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Quarantined], 1, 10, Stop)).Deliveries.Single();
        var again = await _app.Services.GetRequiredService<DecodeAgain>().RunAsync(Reader.System, kept.RowId, Stop);
        Assert.False(again.Decoded);
        Assert.Contains("createdEvent", again.Message);
    }

    [Fact]
    public async Task Quarantined_delivery_that_can_be_read_becomes_an_import_when_decoded_again()
    {
        var webhook = new WixWebhook();
        await _app.PostAsync(webhook);
        var rowId = (await _app.Deliveries.PageAsync(Reader.System, [], 1, 1, Stop)).Deliveries[0].RowId;
        // As an earlier version, which could not read this shape, would have left it.
        Execute($"UPDATE deliveries SET Outcome = {(int)DeliveryOutcome.Quarantined}, ImportRowId = NULL; DELETE FROM import_texts; DELETE FROM import_documents; DELETE FROM observations; DELETE FROM imports");

        var again = await _app.Services.GetRequiredService<DecodeAgain>().RunAsync(Reader.System, rowId, Stop);

        Assert.True(again.Decoded, again.Message);
        Assert.NotNull(await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop));
        Assert.Equal(DeliveryOutcome.Stored, (await _app.Deliveries.FindAsync(Reader.System, rowId, Stop))!.Outcome);
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("hello", 400)]
    [InlineData("{\"data\":1}", 400)]
    [InlineData("a.b", 400)]
    [InlineData("e30.e30.e30", 401)]
    public async Task Rubbish_is_refused_with_a_cause_and_a_line_without_body(string body, int status)
    {
        var answer = await _app.PostAsync(body);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        // Side notes ride with the next commit.
        await _app.PostAsync(new WixWebhook());
        var line = (await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Rejected], 1, 10, Stop)).Deliveries.Single();
        Assert.Equal(status, line.AnswerStatus);
        Assert.NotNull(line.Cause);
        Assert.Null(await _app.Deliveries.BodyAsync(Reader.System, line.RowId, Stop));
    }

    [Fact]
    public async Task Tampered_wrong_key_wrong_algorithm_and_expired_are_401()
    {
        using var stranger = System.Security.Cryptography.RSA.Create(2048);
        var good = new WixWebhook().Sign(_app.Key);
        string[] bodies =
        [
            new WixWebhook().Sign(stranger),
            new WixWebhook().Sign(_app.Key, "RS512"),
            new WixWebhook { Claims = new JsonObject { ["exp"] = 1_000 } }.Sign(_app.Key),
            good[..^4] + "AAAA",
        ];
        foreach (var body in bodies)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await _app.PostAsync(body)).StatusCode);
        }

        Assert.Equal(0, await _app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop));
    }

    [Theory]
    [InlineData(255 * 1024, 200)]
    [InlineData(300 * 1024, 200)]
    [InlineData(1_500 * 1024, 200)]
    [InlineData(2_200 * 1024, 413)]
    public async Task Size_limit_is_two_mebibytes(int target, int status)
    {
        // The name needs no escaping; base64url makes 4 letters of 3.
        var answer = await _app.PostAsync(new WixWebhook { FileName = new string('n', target / 4 * 3) });

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Locked_database_is_answered_503_in_time_and_the_retry_is_stored()
    {
        var webhook = new WixWebhook();
        await _app.PostAsync(new WixWebhook());
        using (var blocker = new SqliteConnection($"Data Source={_app.DatabasePath}"))
        {
            blocker.Open();
            using var transaction = blocker.BeginTransaction(deferred: false);
            var refused = await _app.PostAsync(webhook);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        var accepted = await _app.PostAsync(webhook);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.NotNull(await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop));
    }

    [Fact]
    public async Task Restart_finds_everything_that_was_answered()
    {
        var webhooks = Enumerable.Range(0, 300).Select(_ => new WixWebhook()).ToList();
        var answers = await Task.WhenAll(webhooks.Select(_app.PostAsync));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        await _app.DisposeAsync();

        using var after = DashboardApp.Start(databasePath: _app.DatabasePath);

        Assert.Equal(300, await after.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop));
        foreach (var webhook in webhooks)
        {
            Assert.NotNull(await after.Imports.FindAsync(Reader.System, webhook.ImportId, Stop));
        }
    }

    [Fact]
    public async Task Other_hosts_reach_the_door_and_nothing_else()
    {
        foreach (var path in new[] { "/", "/api/imports", "/deliveries", "/openapi/v1.json", "/app.css", "/hubs/imports/negotiate" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "evil.example" } };
            Assert.Equal(HttpStatusCode.NotFound, (await _app.Client.SendAsync(request, Stop)).StatusCode);
        }

        using var webhook = new HttpRequestMessage(HttpMethod.Post, "/webhooks/wix") { Headers = { Host = "my-tunnel.example" }, Content = new StringContent(new WixWebhook().Sign(_app.Key)) };
        Assert.Equal(HttpStatusCode.OK, (await _app.Client.SendAsync(webhook, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("/", HttpStatusCode.NotFound)]
    [InlineData("/api/imports", HttpStatusCode.NotFound)]
    [InlineData("/health/ready", HttpStatusCode.OK)]
    [InlineData("/webhooks/wix", HttpStatusCode.MethodNotAllowed)]
    public async Task Proxy_that_leaves_no_mark_but_its_old_HTTP_reaches_no_page(string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version10 };

        Assert.Equal(status, (await _app.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.5")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Forwarded-Server", "proxy")]
    public async Task What_comes_through_a_proxy_reaches_the_door_and_nothing_else(string header, string value)
    {
        using var page = new HttpRequestMessage(HttpMethod.Get, "/api/imports") { Headers = { { header, value } } };
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Client.SendAsync(page, Stop)).StatusCode);

        using var webhook = new HttpRequestMessage(HttpMethod.Post, "/webhooks/wix") { Headers = { { header, value } }, Content = new StringContent(new WixWebhook().Sign(_app.Key)) };
        Assert.Equal(HttpStatusCode.OK, (await _app.Client.SendAsync(webhook, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("cross-site", "no-cors", "image", HttpStatusCode.NotFound)]
    [InlineData("same-site", "no-cors", "empty", HttpStatusCode.NotFound)]
    [InlineData("cross-site", "navigate", "iframe", HttpStatusCode.NotFound)]
    [InlineData("cross-site", "navigate", "document", HttpStatusCode.OK)]
    [InlineData("same-origin", "cors", "empty", HttpStatusCode.OK)]
    [InlineData("none", "navigate", "document", HttpStatusCode.OK)]
    public async Task Page_of_another_site_can_lead_here_and_make_nothing_work(string site, string mode, string destination, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/imports") { Headers = { { "Sec-Fetch-Site", site }, { "Sec-Fetch-Mode", mode }, { "Sec-Fetch-Dest", destination } } };

        Assert.Equal(status, (await _app.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData("application/octet-stream")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task Any_content_type_is_taken(string? type)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(new WixWebhook().Sign(_app.Key)));
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        Assert.Equal(HttpStatusCode.OK, (await _app.Client.PostAsync("/webhooks/wix", content, Stop)).StatusCode);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost:1")]
    [InlineData("null")]
    public async Task Pages_of_another_origin_reach_nothing_though_the_browser_is_on_this_machine(string origin)
    {
        foreach (var path in new[] { "/", "/api/imports", "/hubs/imports", "/_blazor" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Origin", origin } } };
            Assert.Equal(HttpStatusCode.NotFound, (await _app.Client.SendAsync(request, Stop)).StatusCode);
        }

        using var own = new HttpRequestMessage(HttpMethod.Get, "/api/imports") { Headers = { { "Origin", _app.Client.BaseAddress!.GetLeftPart(UriPartial.Authority) } } };
        Assert.Equal(HttpStatusCode.OK, (await _app.Client.SendAsync(own, Stop)).StatusCode);
    }

    [Fact]
    public async Task Mutated_bodies_are_4xx_unless_they_came_out_as_a_signed_one_again_which_is_never_limited()
    {
        var bodies = new MutatedBodies([.. Enumerable.Range(0, 4).Select(_ => Encoding.ASCII.GetBytes(new WixWebhook().Sign(_app.Key)))], new Random(7));
        var (signed, rubbish) = (0, 0);
        for (var i = 0; i < 2_000; i++)
        {
            var body = bodies.Next();
            using var content = new ByteArrayContent(body);
            using var answer = await _app.Client.PostAsync("/webhooks/wix", content, Stop);
            if (bodies.IsSigned(body))
            {
                signed++;
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
            else
            {
                rubbish++;
                Assert.True((int)answer.StatusCode is 400 or 401 or 429, $"{answer.StatusCode} to {Encoding.Latin1.GetString(body)}");
            }
        }

        // Both are among them.
        Assert.True(signed > 0 && rubbish > 1_000, $"{signed} signed, {rubbish} not");
    }

    private static IEnumerable<IReadOnlyList<T>> Permutations<T>(IReadOnlyList<T> items) => items.Count <= 1
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items.Where((_, j) => j != i)]).Select(rest => (IReadOnlyList<T>)[item, .. rest]));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_app.DatabasePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
