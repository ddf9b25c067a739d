using System.Net;
using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Webhooks;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Webhooks;

public sealed class SdkDoorTests : IDisposable
{
    private const string BoundSecret = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=";

    private readonly WatchedTime _time = new();
    private readonly DashboardApp _app;

    public SdkDoorTests() => _app = DashboardApp.Start(_time, settings: new()
    {
        ["Wix:SdkSecrets:0:Secret"] = SdkForward.Secret,
        ["Wix:SdkSecrets:1:Secret"] = BoundSecret,
        ["Wix:SdkSecrets:1:InstanceId"] = WixWebhook.Site,
    });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Signed_event_is_stored_before_it_is_answered()
    {
        var webhook = new WixWebhook();

        var answer = await ForwardAsync(webhook);

        Assert.Equal((HttpStatusCode.OK, "stored"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop)));
        var stored = await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop);
        Assert.Equal(("INITIATED", "members.csv", 20915L, WixWebhook.Site), (stored!.Row.StatusText, stored.Row.FileName, stored.Row.FileSize!.Value, stored.Row.Site!.InstanceId));
        Assert.Equal((webhook.EventId, null), (stored.Event!.Id, stored.Event.EventType));
        Assert.Equal(ObservationSource.Sdk, Assert.Single(stored.Observations).Source);
        var delivery = (await DeliveriesAsync()).Single();
        Assert.Equal((DeliveryDoor.Sdk, DeliveryOutcome.Stored, null), (delivery.Door, delivery.Outcome, delivery.EventType));
        Assert.Contains("\"metadata\"", (await _app.Deliveries.BodyAsync(Reader.System, delivery.RowId, Stop))?.Json);
        Assert.Empty(_app.Warnings);
    }

    [Fact]
    public async Task Same_event_again_is_a_duplicate_and_with_other_content_it_is_flagged()
    {
        var webhook = new WixWebhook();
        await ForwardAsync(webhook);
        await ForwardAsync(webhook);
        await ForwardAsync(webhook with { FileName = "other.csv" });

        var deliveries = await DeliveriesAsync();
        Assert.Equal([(DeliveryOutcome.Duplicate, true), (DeliveryOutcome.Duplicate, false), (DeliveryOutcome.Stored, false)], deliveries.Select(d => (d.Outcome, d.ContentDiffers)));
        Assert.Contains("other.csv", (await _app.Deliveries.BodyAsync(Reader.System, deliveries[0].RowId, Stop))?.Json);
        Assert.Equal("members.csv", (await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Row.FileName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Same_event_through_both_doors_is_one_import_and_one_duplicate(bool isSdkFirst)
    {
        var webhook = new WixWebhook();
        var first = isSdkFirst ? await ForwardAsync(webhook) : await _app.PostAsync(webhook);
        var second = isSdkFirst ? await _app.PostAsync(webhook) : await ForwardAsync(webhook);

        Assert.Equal(("stored", "duplicate"), (await first.Content.ReadAsStringAsync(Stop), await second.Content.ReadAsStringAsync(Stop)));
        var deliveries = await DeliveriesAsync();
        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], deliveries.Select(d => d.Outcome));
        Assert.Equal((deliveries[1].RowId, false), (deliveries[0].DuplicateOfRowId!.Value, deliveries[0].ContentDiffers));
        Assert.Equal(isSdkFirst ? DeliveryDoor.Sdk : DeliveryDoor.Wix, deliveries[1].Door);
        Assert.Equal(1, await _app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop));
        Assert.Single((await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Observations);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Event_that_only_the_second_door_could_read_is_an_import_and_not_a_duplicate(bool isSdkFirst)
    {
        var webhook = new WixWebhook();
        // The SDK knows no entityAsJson and hands on no entity; Wix's Test button sends just that.
        var unreadable = webhook with { Event = e => e["createdEvent"] = new JsonObject() };
        var first = isSdkFirst ? await ForwardAsync(unreadable) : await _app.PostAsync(unreadable);
        var second = isSdkFirst ? await _app.PostAsync(webhook) : await ForwardAsync(webhook);
        var third = isSdkFirst ? await ForwardAsync(webhook) : await _app.PostAsync(webhook);

        Assert.Equal(["quarantined", "stored", "duplicate"], await Task.WhenAll(new[] { first, second, third }.Select(a => a.Content.ReadAsStringAsync(Stop))));
        var deliveries = await DeliveriesAsync();
        Assert.Equal(deliveries[1].RowId, deliveries[0].DuplicateOfRowId);
        Assert.NotNull(await _app.Deliveries.BodyAsync(Reader.System, deliveries[1].RowId, Stop));
        Assert.Single((await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Observations);
    }

    [Fact]
    public async Task Older_revision_goes_to_the_history_only()
    {
        var webhook = new WixWebhook { Revision = "3", Status = "PARSED" };
        await _app.PostAsync(webhook);

        var answer = await ForwardAsync(webhook with { EventId = "older", Revision = "2", Status = "PARSING" });

        Assert.Equal("stale", await answer.Content.ReadAsStringAsync(Stop));
        Assert.Equal("PARSED", (await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Row.StatusText);
    }

    [Fact]
    public async Task Event_of_another_entity_is_answered_200_and_kept_as_ignored()
    {
        var answer = await ForwardAsync(new WixWebhook { Event = e => e["entityFqdn"] = "wix.loyalty.v1.account" });

        Assert.Equal("ignored", await answer.Content.ReadAsStringAsync(Stop));
        var kept = (await DeliveriesAsync()).Single();
        Assert.Equal("The event is about wix.loyalty.v1.account, which is no loyalty import.", kept.Cause);
        Assert.NotNull(await _app.Deliveries.BodyAsync(Reader.System, kept.RowId, Stop));
    }

    [Fact]
    public async Task Event_without_an_import_is_quarantined_and_decoded_again_by_the_rules_of_its_door()
    {
        var answer = await ForwardAsync(new WixWebhook { Event = e => e["createdEvent"] = new JsonObject() });

        Assert.Equal("quarantined", await answer.Content.ReadAsStringAsync(Stop));
        var kept = (await DeliveriesAsync()).Single();
        var again = await _app.Services.GetRequiredService<DecodeAgain>().RunAsync(Reader.System, kept.RowId, Stop);
        Assert.Equal((false, "The body holds no loyalty import where the SDK puts it (entity)."), (again.Decoded, again.Message));
    }

    [Fact]
    public async Task Quarantined_delivery_that_can_be_read_becomes_an_import_when_decoded_again()
    {
        var webhook = new WixWebhook();
        await ForwardAsync(webhook);
        var rowId = (await DeliveriesAsync())[0].RowId;
        // As an earlier version, which could not read this shape, would have left it.
        Execute($"UPDATE deliveries SET Outcome = {(int)DeliveryOutcome.Quarantined}, ImportRowId = NULL; DELETE FROM import_texts; DELETE FROM import_documents; DELETE FROM observations; DELETE FROM imports");

        var again = await _app.Services.GetRequiredService<DecodeAgain>().RunAsync(Reader.System, rowId, Stop);

        Assert.True(again.Decoded, again.Message);
        Assert.Equal(ObservationSource.Sdk, Assert.Single((await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Observations).Source);
    }

    [Theory]
    [InlineData("webhook-id", "The header webhook-id is missing.")]
    [InlineData("webhook-timestamp", "The header webhook-timestamp is missing.")]
    [InlineData("webhook-signature", "The header webhook-signature is missing.")]
    public async Task Unsigned_request_is_401_and_names_what_is_missing(string header, string cause)
    {
        using var request = Forward(new WixWebhook()).ToRequest();
        request.Headers.Remove(header);

        await AssertRefusedAsync(request, 401, cause);
    }

    [Fact]
    public async Task Stale_changed_and_strange_requests_are_401_each_with_its_cause()
    {
        var good = Forward(new WixWebhook());
        await AssertRefusedAsync((good with { Timestamp = SdkForward.Seconds(_time.GetUtcNow().AddSeconds(-301)) }).ToRequest(), 401, "webhook-timestamp is more than 5 minutes old.");
        await AssertRefusedAsync((good with { Timestamp = SdkForward.Seconds(_time.GetUtcNow().AddSeconds(301)) }).ToRequest(), 401, "webhook-timestamp is more than 5 minutes ahead.");
        await AssertRefusedAsync((good with { Body = [.. good.Body, (byte)' '], Signature = good.SignedWith(SdkForward.Secret) }).ToRequest(), 401, "No secret of this dashboard made this signature");
        await AssertRefusedAsync(good.ToRequest(SdkForward.NewSecret()), 401, "No secret of this dashboard made this signature");
        await AssertRefusedAsync((good with { Signature = new string('v', 5_000) }).ToRequest(), 401, "The header webhook-signature is longer than 4096 letters.");
        Assert.Equal(0, await _app.Imports.CountAsync(Reader.System, ImportFilter.Default, Stop));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("[]")]
    public async Task Signed_rubbish_is_400_and_unsigned_rubbish_is_never_parsed(string body)
    {
        var forward = SdkForward.OfJson(body, _time.GetUtcNow());
        await AssertRefusedAsync(forward.ToRequest(), 400, "The body is no JSON object.");
        await AssertRefusedAsync(forward.ToRequest(SdkForward.NewSecret()), 401, "No secret of this dashboard");
    }

    [Theory]
    [InlineData(2 * 1024 * 1024, 200)]
    [InlineData((2 * 1024 * 1024) + 1, 413)]
    public async Task Size_limit_is_two_mebibytes(int size, int status)
    {
        var forward = Forward(new WixWebhook());
        using var request = (forward with { Body = [.. forward.Body, .. Enumerable.Repeat((byte)' ', size - forward.Body.Length)] }).ToRequest();

        Assert.Equal(status, (int)(await _app.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Bound_secret_is_refused_for_every_other_site_and_taken_for_its_own()
    {
        Assert.Equal(HttpStatusCode.OK, (await ForwardAsync(new WixWebhook(), BoundSecret)).StatusCode);
        await AssertRefusedAsync(Forward(new WixWebhook { InstanceId = "another" }).ToRequest(BoundSecret), 401, "metadata.instanceId names another");
        await AssertRefusedAsync(Forward(new WixWebhook { InstanceId = "" }).ToRequest(BoundSecret), 401, "metadata.instanceId names none");
        await AssertRefusedAsync(SdkForward.OfJson("""{"entity":{"_id":"i"}}""", _time.GetUtcNow()).ToRequest(BoundSecret), 401, "metadata.instanceId names none");
    }

    [Fact]
    public async Task Forward_of_one_site_changes_no_import_of_another()
    {
        var owned = new WixWebhook { InstanceId = "another" };
        (await _app.PostAsync(owned)).EnsureSuccessStatusCode();

        Assert.Equal(HttpStatusCode.OK, (await ForwardAsync(new WixWebhook { ImportId = owned.ImportId, Revision = "999", Status = "FAILED", FileName = "mine.csv" }, BoundSecret)).StatusCode);

        var kept = (await _app.Imports.FindAsync(Reader.System, owned.ImportId, Stop))!.Row;
        Assert.Equal(("another", "members.csv", ImportStatus.Initiated), (kept.Site!.InstanceId, kept.FileName, kept.Status));
        Assert.Equal((DeliveryOutcome.Quarantined, "The import belongs to another site than the one that forwarded it; nothing was changed."), (await DeliveriesAsync())[0] is var last ? (last.Outcome, last.Cause) : default);
    }

    [Fact]
    public async Task Forward_that_came_before_Wix_showed_whose_the_import_is_is_not_shown_to_that_site()
    {
        var real = new WixWebhook { InstanceId = "another", EventId = "b" };
        await ForwardAsync(new WixWebhook { ImportId = real.ImportId, EventId = "a" }, BoundSecret);
        (await _app.PostAsync(real)).EnsureSuccessStatusCode();

        var everywhere = (await _app.Imports.FindAsync(Reader.System, real.ImportId, Stop))!;
        Assert.Equal(("another", WixWebhook.Site), (everywhere.Row.Site!.InstanceId, everywhere.EventDelivery!.InstanceId));
        Assert.Equal((2, true), (everywhere.Observations.Count, everywhere.Event is not null));
        var there = (await _app.Imports.FindAsync(Reader.System with { Sites = ["another"] }, real.ImportId, Stop))!;
        Assert.Equal((null, null), (there.EventDelivery, there.Event));
        Assert.NotNull((await _app.Imports.FindAsync(Reader.System with { Sites = [WixWebhook.Site, "another"] }, real.ImportId, Stop))!.Event);
        Assert.Equal("another", Assert.Single(there.Observations) is { DeliveryRowId: { } row } ? (await _app.Services.GetRequiredService<DeliveryQueries>().FindAsync(Reader.System, row, Stop))!.InstanceId : null);

        // Nor is it once the delivery is gone.
        await using (var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop))
        {
            await database.Deliveries.Where(d => d.InstanceId == WixWebhook.Site).ExecuteDeleteAsync(Stop);
        }

        there = (await _app.Imports.FindAsync(Reader.System with { Sites = ["another"] }, real.ImportId, Stop))!;
        Assert.Equal((null, 1), (there.Event, there.Observations.Count));
    }

    [Fact]
    public async Task Forward_that_takes_the_id_of_another_site_s_event_does_not_make_it_a_duplicate()
    {
        var real = new WixWebhook { InstanceId = "another" };
        await ForwardAsync(new WixWebhook { EventId = real.EventId }, BoundSecret);

        Assert.Equal("stored", await (await _app.PostAsync(real)).Content.ReadAsStringAsync(Stop));
        Assert.Equal("duplicate", await (await _app.PostAsync(real)).Content.ReadAsStringAsync(Stop));
        Assert.Equal("another", (await _app.Imports.FindAsync(Reader.System, real.ImportId, Stop))!.Row.Site!.InstanceId);
    }

    [Fact]
    public async Task Forward_that_named_another_site_s_import_first_yields_to_Wix_whatever_revision_it_claimed()
    {
        var real = new WixWebhook { InstanceId = "another" };
        await ForwardAsync(new WixWebhook { ImportId = real.ImportId, Revision = "999999", Status = "FAILED", FileName = "mine.csv" }, BoundSecret);

        Assert.Equal("stored", await (await _app.PostAsync(real)).Content.ReadAsStringAsync(Stop));

        var kept = (await _app.Imports.FindAsync(Reader.System, real.ImportId, Stop))!.Row;
        Assert.Equal(("another", "members.csv", ImportStatus.Initiated), (kept.Site!.InstanceId, kept.FileName, kept.Status));
    }

    [Fact]
    public async Task Forward_that_takes_the_id_of_another_site_s_forward_does_not_make_it_a_duplicate()
    {
        var real = new WixWebhook();
        await ForwardAsync(new WixWebhook { EventId = real.EventId, InstanceId = "another" });

        Assert.Equal("stored", await (await ForwardAsync(real)).Content.ReadAsStringAsync(Stop));
        Assert.NotNull(await _app.Imports.FindAsync(Reader.System, real.ImportId, Stop));
    }

    [Fact]
    public async Task Unbound_secret_that_also_signed_counts()
    {
        var forward = Forward(new WixWebhook { InstanceId = "another" });
        using var request = (forward with { Signature = $"{forward.SignedWith(BoundSecret)} {forward.SignedWith(SdkForward.Secret)}" }).ToRequest();

        Assert.Equal(HttpStatusCode.OK, (await _app.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Locked_database_is_answered_503_and_the_retry_is_stored()
    {
        var webhook = new WixWebhook();
        await ForwardAsync(new WixWebhook());
        using (var blocker = new SqliteConnection($"Data Source={_app.DatabasePath}"))
        {
            blocker.Open();
            using var transaction = blocker.BeginTransaction(deferred: false);
            var refused = await ForwardAsync(webhook);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        Assert.Equal(HttpStatusCode.OK, (await ForwardAsync(webhook)).StatusCode);
        Assert.NotNull(await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop));
    }

    [Fact]
    public async Task Without_a_secret_the_door_is_not_there_whatever_is_sent()
    {
        using var closed = DashboardApp.Start(_time);
        HttpRequestMessage[] requests =
        [
            Forward(new WixWebhook()).ToRequest(),
            new(HttpMethod.Post, SdkForward.Path) { Content = new StringContent("hello") },
            new(HttpMethod.Post, SdkForward.Path) { Content = new ByteArrayContent(new byte[(2 * 1024 * 1024) + 1]) },
            new(HttpMethod.Get, SdkForward.Path),
        ];
        foreach (var request in requests)
        {
            using var answer = await closed.Client.SendAsync(request, Stop);
            Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            Assert.Contains("Wix:SdkSecrets", await answer.Content.ReadAsStringAsync(Stop));
        }
    }

    [Theory]
    [InlineData("/webhooks/wix", 405)]
    [InlineData("/webhooks/wix-sdk", 405)]
    [InlineData("/webhooks/other", 404)]
    public async Task Other_methods_and_paths_are_told_both_doors(string path, int status)
    {
        var answer = await _app.Client.GetAsync(path, Stop);

        Assert.Equal(status, (int)answer.StatusCode);
        var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["detail"]!.GetValue<string>();
        Assert.Contains("POST to /webhooks/wix.", told);
        Assert.Contains("POST to /webhooks/wix-sdk,", told);
    }

    [Fact]
    public async Task What_comes_through_a_proxy_reaches_the_door()
    {
        using var request = Forward(new WixWebhook()).ToRequest();
        request.Headers.Host = "my-tunnel.example";
        request.Headers.Add("X-Forwarded-For", "203.0.113.5");

        Assert.Equal(HttpStatusCode.OK, (await _app.Client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Beyond_so_many_failures_a_minute_the_answer_is_429_and_a_signed_event_is_taken_all_the_same()
    {
        for (var i = 0; i < RejectionLimit.MostOfOne; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await ForwardAsync(new WixWebhook(), "whsec_" + Convert.ToBase64String(new byte[32]))).StatusCode);
        }

        using var limited = await ForwardAsync(new WixWebhook(), "whsec_" + Convert.ToBase64String(new byte[32]));
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        using var other = await _app.PostAsync("rubbish");
        Assert.Equal(HttpStatusCode.TooManyRequests, other.StatusCode);

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await ForwardAsync(new WixWebhook())).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await _app.PostAsync(new WixWebhook())).StatusCode);
        }

        Assert.Equal(RejectionLimit.MostOfOne, (await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Rejected], 1, 500, Stop)).Deliveries.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, (await ForwardAsync(new WixWebhook(), "whsec_" + Convert.ToBase64String(new byte[32]))).StatusCode);
    }

    private SdkForward Forward(WixWebhook webhook) => SdkForward.Of(webhook, _time.GetUtcNow());

    private Task<HttpResponseMessage> ForwardAsync(WixWebhook webhook, string secret = SdkForward.Secret) => _app.Client.SendAsync(Forward(webhook).ToRequest(secret), Stop);

    private async Task AssertRefusedAsync(HttpRequestMessage request, int status, string cause)
    {
        using var answer = await _app.Client.SendAsync(request, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains(cause, JsonNode.Parse(text)!["detail"]!.GetValue<string>());
        Assert.DoesNotContain("whsec_", text);
        // Side notes ride with the next commit.
        await _app.PostAsync(new WixWebhook { ImportId = "carrier", EventType = "AppRemoved" });
        var line = (await _app.Deliveries.PageAsync(Reader.System, [DeliveryOutcome.Rejected], 1, 1, Stop)).Deliveries[0];
        Assert.Equal((DeliveryDoor.Sdk, status), (line.Door, line.AnswerStatus));
        Assert.Contains(cause, line.Cause!);
        Assert.Null(await _app.Deliveries.BodyAsync(Reader.System, line.RowId, Stop));
    }

    private async Task<IReadOnlyList<DeliveryRecord>> DeliveriesAsync() => (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries;

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_app.DatabasePath}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
