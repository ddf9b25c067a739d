using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Retention;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Retention;

/// <summary>What has been kept for its time goes, what remains says so, and what is too old is not kept at all.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private static readonly string[] _row = ["ada@example.com", "Ada", "12"];

    private Removals _all = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _all = await Removals.StartAsync();

    public ValueTask DisposeAsync() => _all.DisposeAsync();

    [Fact]
    public async Task Samples_and_bodies_go_after_their_days_and_deliveries_after_theirs()
    {
        await ArriveAsync("old");
        _all.Time.Advance(TimeSpan.FromDays(2));
        await ArriveAsync("young");
        _all.Time.Advance(TimeSpan.FromDays(29));
        var expected = new RetentionReport(1, 2, 1, 0, 0);

        Assert.Equal(expected, await _all.Job.PreviewAsync(Removals.Administrator, Stop));
        Assert.Equal((2, 0), (_all.Count("delivery_bodies"), _all.Count("import_documents WHERE Removed IS NOT NULL")));
        Assert.Equal(expected, await _all.Job.RunNowAsync(Removals.Administrator, Stop));

        var old = await _all.FindAsync("old");
        Assert.Null(old.LoyaltyImport.FileMetadata!.SampleDataRows);
        Assert.Equal(["email", "name", "points"], old.LoyaltyImport.FileMetadata.Header!.Values);
        Assert.Equal("""{"identityType":"MEMBER"}""", old.Event!.Identity!.Value.GetRawText());
        Assert.Equal(1, _all.Count($"import_documents WHERE RowId = {old.Row.RowId} AND RemovedFor = 1 AND Removed = {UtcTicks.From(_all.Time.GetUtcNow())}"));
        Assert.Equal(1, _all.Count($"deliveries WHERE BodyRemovedFor = 1 AND BodyRemoved = {UtcTicks.From(_all.Time.GetUtcNow())}"));
        Assert.Equal((2, 1), ((await _all.FindAsync("young")).LoyaltyImport.FileMetadata!.SampleDataRows!.Count, _all.Count("delivery_bodies")));
        Assert.Equal(["user:1 retention  asked for now", $"user:1 retention  removed {expected}"], await _all.AuditedAsync());

        // Nothing is gone through twice.
        Assert.True((await _all.Job.PreviewAsync(Removals.Administrator, Stop)).IsNothing);

        _all.Time.Advance(TimeSpan.FromDays(60));
        Assert.Equal(new RetentionReport(1, 2, 1, 1, 0), await _all.Job.RunNowAsync(Removals.Administrator, Stop));
        Assert.Equal((1, 2, 1), (_all.Count("deliveries"), _all.Count("imports"), _all.Count("deliveries WHERE DedupeKey IS NOT NULL")));
    }

    [Fact]
    public async Task Many_rows_go_in_pieces_and_the_same_is_counted_before()
    {
        for (var i = 0; i < 600; i++)
        {
            await ArriveAsync($"import {i}");
        }

        _all.Time.Advance(TimeSpan.FromDays(99));
        await ArriveAsync("young");
        _all.Options.ImportDays = 95;
        var preview = await _all.Job.PreviewAsync(Removals.Administrator, Stop);
        Assert.Equal(new RetentionReport(600, 1_200, 600, 600, 600), preview);

        Assert.Equal(preview, await _all.Job.RunNowAsync(Removals.Administrator, Stop));
        await _all.CatchUpSearchAsync();
        foreach (var table in (string[])["imports", "import_documents", "import_texts", "observations", "deliveries", "delivery_bodies"])
        {
            Assert.Equal((table, 1), (table, _all.Count(table)));
        }

        Assert.Equal(0, _all.Count("search_changes"));
        Assert.Equal("young", Assert.Single((await _all.Queries.PageAsync(Reader.System, ImportFilter.Default, 1, 10, Stop)).Rows).Id);
        _all.Database.Execute("INSERT INTO import_search(import_search, rank) VALUES ('integrity-check', 1)");
    }

    [Fact]
    public async Task Rows_of_a_clock_that_was_ahead_hide_nothing()
    {
        await ArriveAsync("ahead", daysAhead: 300);
        await ArriveAsync("old");
        _all.Time.Advance(TimeSpan.FromDays(31));
        await ArriveAsync("young");

        // Whatever it says, it came before the second.
        Assert.Equal(2, (await _all.Job.RunNowAsync(Removals.Administrator, Stop)).Bodies);
    }

    [Theory]
    [InlineData("ada@example.com", "Ada", "12")]
    [InlineData("Ada Lovelace", "", "120")]
    [InlineData("ada%40example.com", "Ada", "")]
    public async Task File_without_a_heading_row_loses_the_row_that_stands_for_it(params string[] header)
    {
        var webhook = new GivenImport { Id = "old", Header = header, Mapping = [(ColumnMapping.Email, 0)], Samples = [_row] }.ToWebhook();
        await _all.WriteAsync(webhook.ToDelivery(_all.Time.GetUtcNow().AddDays(-29)));

        _all.Time.Advance(TimeSpan.FromDays(2));
        await _all.Job.RunNowAsync(Removals.Administrator, Stop);

        Assert.Null((await _all.FindAsync("old")).LoyaltyImport.FileMetadata!.Header);
        Assert.Equal("0", _all.Database.Scalar("SELECT EmailColumn FROM imports"));
    }

    [Fact]
    public async Task Import_that_is_too_old_keeps_no_samples_when_it_is_found_refreshed_or_decoded_again()
    {
        var (now, old) = (_all.Time.GetUtcNow(), _all.Time.GetUtcNow().AddDays(-40));
        await _all.AnswerAsync(Import("backfilled", old), Import("recent", now.AddDays(-1)));
        Assert.Null((await _all.FindAsync("backfilled")).LoyaltyImport.FileMetadata!.SampleDataRows);
        Assert.Equal(1, _all.Count("import_documents WHERE RemovedFor = 1"));
        Assert.Single((await _all.FindAsync("recent")).LoyaltyImport.FileMetadata!.SampleDataRows!);

        // Announced forty days ago, refreshed today; its createdDate says nothing of its age here.
        await _all.WriteAsync(new GivenImport { Id = "announced", Samples = [_row], Created = now }.ToWebhook().ToDelivery(old));
        await _all.AnswerAsync(Import("announced", now) with { Revision = "2", Status = "IMPORTED" });
        Assert.Equal(("IMPORTED", null), ((await _all.FindAsync("announced")).LoyaltyImport.Status, (await _all.FindAsync("announced")).LoyaltyImport.FileMetadata!.SampleDataRows));

        var quarantined = await _all.WriteAsync(new GivenImport { Id = "decoded", Samples = [_row] }.ToWebhook().ToDelivery(old) with { Observation = null, OutcomeWithoutImport = DeliveryOutcome.Quarantined });
        Assert.True((await _all.Again.RunAsync(Removals.Administrator, quarantined.DeliveryRowId, Stop)).Decoded);
        Assert.Null((await _all.FindAsync("decoded")).LoyaltyImport.FileMetadata!.SampleDataRows);
    }

    [Fact]
    public async Task Same_state_seen_again_after_its_samples_went_is_no_change()
    {
        var import = Import("one", _all.Time.GetUtcNow().AddDays(-29));
        await _all.AnswerAsync(import);
        _all.Time.Advance(TimeSpan.FromDays(2));
        await _all.Job.RunNowAsync(Removals.Administrator, Stop);
        var removed = _all.Database.Scalar("SELECT Removed FROM import_documents");

        _all.Time.Advance(TimeSpan.FromDays(1));
        await _all.AnswerAsync(import);

        Assert.Single((await _all.FindAsync("one")).Observations);
        Assert.Equal(removed, _all.Database.Scalar("SELECT Removed FROM import_documents"));
    }

    [Fact]
    public async Task Event_of_a_request_to_be_made_anonymous_leaves_its_line_alone()
    {
        var webhook = new GivenImport { Id = "one", Samples = [_row], Header = ["email"] }.ToWebhook();
        await _all.WriteAsync((webhook with { Event = e => (e["triggeredByAnonymizeRequest"], e["identity"]) = (true, null) }).ToDelivery(_all.Time.GetUtcNow()));
        await _all.WriteAsync(new WixWebhook { EventType = "wix.contacts.v4.contact_deleted", Event = e => (e["triggeredByAnonymizeRequest"], e["who"]) = (true, "Ada") }.ToDelivery(_all.Time.GetUtcNow()));
        await _all.AnswerAsync(Import("one", _all.Time.GetUtcNow()) with { Revision = "9" });

        Assert.Null((await _all.FindAsync("one")).LoyaltyImport.FileMetadata!.SampleDataRows);
        Assert.Equal((2, 2, 0, 1), (_all.Count("deliveries"), _all.Count("deliveries WHERE BodyRemovedFor = 3"), _all.Count("delivery_bodies"), _all.Count("import_documents WHERE RemovedFor = 3")));
    }

    [Fact]
    public async Task Job_runs_soon_after_the_start_and_then_each_night()
    {
        await ArriveAsync("old", daysAhead: -31);
        await _all.Job.StartAsync(Stop);
        await _all.Time.SomebodyWaitsAsync(RetentionJob.FirstAfter, Stop);
        var (begun, night) = (_all.Time.GetUtcNow(), new DateTimeOffset(2026, 12, 1, 3, 0, 0, TimeSpan.Zero));

        Assert.Equal([begun + RetentionJob.FirstAfter], await RunsAsync(begun + RetentionJob.FirstAfter));
        await ArriveAsync("next", daysAhead: -31);
        Assert.Equal([begun + RetentionJob.FirstAfter, night], await RunsAsync(night));
        Assert.Equal([begun + RetentionJob.FirstAfter, night, night.AddDays(1)], await RunsAsync(night.AddDays(1)));

        await _all.Job.StopAsync(Stop);
        const string One = "system retention  removed 1 raw body";
        Assert.Equal([One, One, "system retention  removed nothing"], await _all.AuditedAsync());
    }

    [Theory]
    [InlineData(0, 90, null, "Retention:PersonalDataDays is 0; it is a number of days from 1 to 36500. A good one is 30.")]
    [InlineData(30, -1, null, "Retention:DeliveryDays is -1; it is a number of days from 1 to 36500. A good one is 90.")]
    [InlineData(30, 90, 0, "Retention:ImportDays is 0; it is a number of days from 1 to 36500. A good one is 730.")]
    [InlineData(30, 20, null, "Retention:DeliveryDays is 20, but the bodies of deliveries are kept 30 days (Retention:PersonalDataDays). A good pair is 90 and 30.")]
    public void Days_that_make_no_sense_are_refused(int personal, int deliveries, int? imports, string fault) =>
        Assert.Equal(fault, Assert.Single(new RetentionOptionsValidator().Validate(null, new() { PersonalDataDays = personal, DeliveryDays = deliveries, ImportDays = imports }).Failures!));

    [Fact]
    public async Task Only_administrators_run_it()
    {
        var reader = Removals.Administrator with { Role = Role.Operator };
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Job.PreviewAsync(reader, Stop));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Job.RunNowAsync(reader, Stop));
        Assert.Empty(await _all.AuditedAsync());
    }

    private static LoyaltyImport Import(string id, DateTimeOffset created) =>
        new() { Id = id, Revision = "1", Status = "PARSED", CreatedDate = created, FileMetadata = new FileMetadata { Name = "members.csv", SampleDataRows = [new SampleDataRow { Values = _row }] } };

    private Task ArriveAsync(string id, int daysAhead = 0) => _all.WriteAsync((new GivenImport { Id = id, FileName = $"{id}.csv", Header = ["email", "name", "points"], Samples = [_row, _row], ErrorReason = "no" }.ToWebhook() with
    {
        Event = e => e["createdEvent"]!["note"] = "kept",
        Envelope = e => e["identity"] = """{"identityType":"MEMBER","memberId":"ada"}""",
    }).ToDelivery(_all.Time.GetUtcNow().AddDays(daysAhead)));

    // When a run is over it waits for the next night; the log has a line for each.
    private async Task<List<DateTimeOffset>> RunsAsync(DateTimeOffset until)
    {
        _all.Time.Advance(until - _all.Time.GetUtcNow());
        await _all.Time.SomebodyWaitsAsync(new DateTimeOffset(until.AddHours(-3).Date.AddDays(1), TimeSpan.Zero) + RetentionJob.Night - until, Stop);
        return [.. _all.Stored.Numbers("SELECT At FROM audit ORDER BY RowId").Select(UtcTicks.To)];
    }
}
