using System.Text.Json.Nodes;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Retention;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Tests.Retention;

/// <summary>A person who is forgotten is in no byte of the data directory, and nothing brings them back.</summary>
public sealed class ForgetPersonTests : IAsyncLifetime
{
    private const string Address = "ada.lovelace+x@forget-me.example";
    private const string Other = "zada.lovelace+x@forget-me.example";

    // Everything that came in a row of theirs goes with it.
    private static readonly string[] _marks = [Address, "Lovelace-Mark", "555-0815-4711"];

    private Removals _all = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _all = await Removals.StartAsync();

    public ValueTask DisposeAsync() => _all.DisposeAsync();

    [Fact]
    public async Task Marks_are_in_no_file_afterwards_and_nothing_brings_them_back()
    {
        var (deliveries, answers) = Everything();
        foreach (var delivery in deliveries)
        {
            await _all.WriteAsync(delivery());
        }

        await _all.AnswerAsync(answers);
        await _all.CatchUpSearchAsync();
        await _all.WriteAsync(new SettleList());
        // States that were replaced leave free pages and old entries behind.
        await _all.AnswerAsync([.. answers.Select(a => a with { Revision = "2", FileMetadata = a.FileMetadata! with { Name = "renamed.csv" } })]);
        Assert.All(_marks, mark => Assert.NotEmpty(Holding(mark)));

        var result = await _all.Forget.RunAsync(Removals.Administrator, " ADA.lovelace+X@Forget-Me.example ", null, Stop);

        Assert.True(result is { IsLogEmpty: true, HasUnusedParts: false, Imports: > 300, SampleRows: > 5, Bodies: > 300 }, result.ToString());
        Assert.Contains("Backups made before still hold it", result.Message);
        Assert.All(_marks, mark => Assert.Empty(Holding(mark)));
        await AssertWholeAsync();

        // Through both doors, the API, and by decoding again what is kept.
        foreach (var delivery in deliveries)
        {
            await _all.WriteAsync(delivery());
            await _all.WriteAsync(delivery() with { DedupeKey = Guid.NewGuid().ToByteArray() });
        }

        await _all.AnswerAsync([.. answers.Select(a => a with { Revision = "3" })]);
        Assert.Equal(0, await _all.Again.RunAllAsync(Removals.Administrator, Stop));
        Assert.All(_marks, mark => Assert.Empty(Holding(mark)));
        await AssertWholeAsync();
    }

    [Fact]
    public async Task Others_keep_their_rows_and_what_is_left_says_what_went_and_when()
    {
        await _all.WriteAsync(Sample("one", [Address.ToUpperInvariant(), "Lovelace-Mark", "1"], [Other, "Other", "2"], ["x", $"Mrs <{Address}>", "3"], [$"x{Address}", "longer", "4"]).ToDelivery());
        await _all.WriteAsync(new GivenImport { Id = "two", FileName = "members.csv", Samples = [[Other, "Other", "2"]], Arrived = _all.Time.GetUtcNow() }.ToDelivery());

        await _all.WriteAsync(new GivenImport { Id = "three", Header = [$"x{Address}", "Other", "7"], Arrived = _all.Time.GetUtcNow() }.ToDelivery());

        await _all.Forget.RunAsync(Removals.Administrator, Address, null, Stop);

        Assert.Equal([$"x{Address}", "Other", "7"], (await _all.FindAsync("three")).LoyaltyImport.FileMetadata!.Header!.Values);
        var one = await _all.FindAsync("one");
        Assert.Equal([Other, $"x{Address}"], one.LoyaltyImport.FileMetadata!.SampleDataRows!.Select(row => row.Values![0]));
        Assert.Equal((_all.Time.GetUtcNow(), RemovalReason.Forgotten), Removed("one"));
        Assert.Equal(("(removed) of (removed).csv", null), (one.Row.FileName, one.LoyaltyImport.FileMetadata.Header));
        Assert.Equal("0", _all.Database.Scalar("SELECT EmailColumn FROM imports WHERE RowId = 1"));
        Assert.Equal((null, RemovalReason.None), Removed("two"));
        Assert.Equal([1L], _all.Stored.Numbers("SELECT RowId FROM deliveries WHERE BodyRemoved IS NOT NULL AND BodyRemovedFor = 2"));
    }

    [Fact]
    public async Task Every_column_of_text_loses_the_address_and_keeps_the_rest()
    {
        await _all.WriteAsync(new GivenImport { Id = "one", FileName = "members.csv", Arrived = _all.Time.GetUtcNow() }.ToDelivery());
        // As another event's id, it is in the key of the delivery, too.
        await _all.WriteAsync(new GivenImport { Id = "two", EventId = $"of {Address}", FileName = "members.csv", Arrived = _all.Time.GetUtcNow() }.ToDelivery());
        foreach (var (table, columns) in PersonalTexts.Tables)
        {
            _all.Database.Execute($"UPDATE {table} SET {string.Join(", ", columns.Select(column => $"{column} = '{column} of {Address.ToUpperInvariant()}.'"))} WHERE RowId = 1");
        }

        await _all.Forget.RunAsync(Removals.Administrator, Address, null, Stop);

        foreach (var (table, columns) in PersonalTexts.Tables)
        {
            Assert.All(columns, column => Assert.Equal($"{column} of (removed).", _all.Database.Scalar($"SELECT {column} FROM {table} WHERE RowId = 1")));
        }

        Assert.Equal("name of (removed).", _all.Database.Scalar("SELECT FoldedName FROM sites"));
        Assert.Equal("of (removed)", _all.Database.Scalar("SELECT EventId FROM deliveries WHERE RowId = 2"));
        Assert.Empty(Holding(Address));
        await AssertWholeAsync();
    }

    // A column that comes with a later version is decided about here.
    [Fact]
    public void Every_column_of_text_is_gone_through_but_for_those_that_follow_the_documents_and_ids()
    {
        string[] others = ["imports.FileName", "imports.EmailColumn", "imports.PointsColumn", "imports.ParseErrorReason", "deliveries.InstanceId", "sites.FoldedName"];
        foreach (var (table, columns) in PersonalTexts.Tables)
        {
            var all = ((string)_all.Database.Scalar($"SELECT group_concat(name) FROM pragma_table_info('{table}') WHERE type = 'TEXT'")!).Split(',');
            Assert.Equal(all.Where(column => !others.Contains($"{table}.{column}")).Order(StringComparer.Ordinal), columns.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Texts_that_come_in_afterwards_are_judged()
    {
        await _all.WriteAsync(new GivenImport { Id = "one", FileName = "members.csv", Arrived = _all.Time.GetUtcNow() }.ToDelivery());
        await _all.Forget.RunAsync(Removals.Administrator, Address, null, Stop);

        var other = new WixWebhook { EventId = $"id {Address}", EventType = $"type {Address}" };
        var outcomes = new[] { await _all.WriteAsync(other.ToDelivery(_all.Time.GetUtcNow()) with { Cause = $"cause {Address}" }), await _all.WriteAsync(other.ToDelivery(_all.Time.GetUtcNow())) };
        await _all.WriteAsync(new SiteAnswer { InstanceId = WixWebhook.Site, At = _all.Time.GetUtcNow(), Link = SiteLink.Unreachable, Reason = $"reason {Address}", OddAnswers = 1, OddAnswer = $"odd {Address}", SiteName = $"name {Address}", SiteUrl = $"https://{Address}/" });
        await _all.WriteAsync(new StuckImports(_all.Time.GetUtcNow(), [new StuckImport("one", (byte[])_all.Database.Scalar("SELECT EntityHash FROM imports WHERE RowId = 1")!, $"stuck {Address}")]));

        Assert.Empty(Holding(Address));
        Assert.Equal("cause (removed) type (removed) id (removed)", _all.Database.Scalar("SELECT Cause || ' ' || EventType || ' ' || EventId FROM deliveries WHERE RowId = 2"));
        Assert.Equal(DeliveryOutcome.Duplicate, outcomes[1].Outcome);
        Assert.Equal("reason (removed) odd (removed) name (removed) https://(removed)/ name (removed)", _all.Database.Scalar("SELECT LinkReason || ' ' || LastOddAnswer || ' ' || Name || ' ' || Url || ' ' || FoldedName FROM sites"));
        Assert.Equal("stuck (removed)", _all.Database.Scalar("SELECT StuckReason FROM imports WHERE RowId = 1"));
    }

    [Fact]
    public async Task Large_bodies_are_read_few_at_a_time()
    {
        var body = System.Text.Encoding.UTF8.GetBytes($"\"{new string('x', 3 * StoredData.BytesOfPiece / 8)}\"");
        for (var i = 0; i < 5; i++)
        {
            await _all.WriteAsync(new WixWebhook().ToDelivery(_all.Time.GetUtcNow()) with { Body = body });
        }

        Assert.Equal([1, 2, 3], _all.Stored.BodiesAfter(0).Select(piece => piece.RowId));
        Assert.Equal([4, 5], _all.Stored.BodiesAfter(3).Select(piece => piece.RowId));
    }

    [Fact]
    public async Task It_takes_an_administrator_and_an_address_and_is_audited_by_hash_alone()
    {
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Forget.RunAsync(Removals.Administrator with { Role = Role.Operator }, Address, null, Stop));
        foreach (var text in (string[])["", "ada", "@example.com", "ada@", "a@b@c", "ada lovelace@example.com", "ada@example.com, bob@example.com"])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => _all.Forget.RunAsync(Removals.Administrator, text, null, Stop));
        }

        Assert.Equal(0, _all.Count("forgotten"));
        await _all.Forget.RunAsync(Removals.Administrator, Address, null, Stop);

        var hash = _all.Hashes.Of(Address);
        Assert.Equal([$"user:1 forget {hash} begun", $"user:1 forget {hash} removed 0 sample rows in 0 imports, 0 raw bodies"], await _all.AuditedAsync());
        Assert.Equal(1, _all.Count("forgotten"));
        Assert.True(_all.Forgotten.Holds(Address.ToUpperInvariant()));
        Assert.True(new Forgotten(_all.Database.Connection, _all.Hashes).Holds(Address));
    }

    [Fact]
    public async Task What_waits_while_an_address_is_added_is_judged_again()
    {
        // Judged before, written afterwards.
        var delivery = Sample("one", [Address, "Lovelace-Mark", "1"]).ToDelivery();
        delivery.Prepare(_all.Queue.Keeping);
        _all.Forgotten.Add(Address, _all.Time.GetUtcNow());

        await _all.WriteAsync(delivery);

        Assert.All(_marks, mark => Assert.Empty(Holding(mark)));
    }

    [Fact]
    public async Task Stop_in_the_middle_is_made_good_for_by_the_job()
    {
        for (var i = 0; i < 2 * StoredData.Piece; i++)
        {
            await _all.WriteAsync(Sample($"import {i}", [Address, "Lovelace-Mark", "1"]).ToDelivery());
        }

        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _all.Forget.RunAsync(Removals.Administrator, Address, new StopsAtOnce(stopped), stopped.Token));
        Assert.NotEmpty(Holding("Lovelace-Mark"));

        await _all.Forget.FinishAsync(Stop);

        Assert.All(_marks, mark => Assert.Empty(Holding(mark)));
        var lines = await _all.AuditedAsync();
        Assert.StartsWith("system forget  finished after a stop", lines[^1]);
        await _all.Forget.FinishAsync(Stop);
        Assert.Equal(lines, await _all.AuditedAsync());
    }

    [Fact]
    public async Task Large_file_says_that_unused_parts_may_hold_copies_and_is_written_anew_when_asked()
    {
        await _all.WriteAsync(Sample("one", [Address, "Lovelace-Mark", "1"]).ToDelivery());
        // Larger than what is written anew by itself; and a copy in a part of it that nothing uses.
        _all.Database.Execute($"CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob({OverwriteUnused.Largest}))");
        _all.Database.Execute("PRAGMA secure_delete=OFF; CREATE TABLE copies (text TEXT); INSERT INTO copies VALUES ('unused Lovelace-Mark'); DELETE FROM copies; PRAGMA secure_delete=ON");
        Assert.False(_all.Forget.HasUnusedParts(Removals.Administrator));

        var result = await _all.Forget.RunAsync(Removals.Administrator, Address, null, Stop);

        Assert.Contains("until it is, unused parts of its pages may hold copies", result.Message, StringComparison.Ordinal);
        Assert.True(result.HasUnusedParts && _all.Forget.HasUnusedParts(Removals.Administrator));
        Assert.NotEmpty(Holding("unused Lovelace-Mark"));

        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Forget.WriteAnewAsync(Removals.Administrator with { Sites = ["one"] }, Stop));
        Assert.True(await _all.Forget.WriteAnewAsync(Removals.Administrator, Stop));

        Assert.Empty(Holding("Lovelace-Mark"));
        Assert.False(_all.Forget.HasUnusedParts(Removals.Administrator));
        Assert.Equal("user:1 forget database asked to write the file anew", (await _all.AuditedAsync())[^1]);
        await AssertWholeAsync();
    }

    [Fact]
    public async Task Document_that_changed_between_reading_and_writing_is_left_to_be_read_again()
    {
        await _all.WriteAsync(Sample("one", [Address, "Lovelace-Mark", "1"]).ToDelivery());
        var read = Assert.Single(_all.Stored.DocumentsAfter(0));
        var clean = CleanDocument.Of(read.RowId, read.Json, read.EventJson, PersonalData.WithoutSamples, metadata => metadata)!;
        await _all.WriteAsync(Sample("one", ["b@example.com", "newer", "1"]).ToWebhook("2").ToDelivery(_all.Time.GetUtcNow()));

        var piece = new Upkeep(_all.Time.GetUtcNow(), RemovalReason.Expired) { Documents = [clean] };
        await _all.WriteAsync(piece);

        Assert.Equal([read.RowId], piece.Missed);
        Assert.Equal("newer", (await _all.FindAsync("one")).LoyaltyImport.FileMetadata!.SampleDataRows![0].Values![1]);
    }

    private static Given Sample(string id, params string[][] rows) => new(id, rows);

    private (List<Func<Delivery>> Deliveries, LoyaltyImport[] Answers) Everything()
    {
        var now = _all.Time.GetUtcNow();
        string[] theirs = [Address.ToUpperInvariant(), "Lovelace-Mark", "555-0815-4711"];
        // Enough names for the pages of the indexes to split.
        List<Func<Delivery>> deliveries = [.. Enumerable.Range(0, 300).Select(i => (Func<Delivery>)(() => Sample($"import {i}", theirs, [Other, "Other", "7"]).ToDelivery($"event {i}", $"{i * 7919 % 300:000} {Address} {i}.csv")))];
        deliveries.Add(() =>
        {
            var body = SdkForward.Of(Sample("forwarded", theirs).ToWebhook(), now).Body;
            return WebhookDelivery.Create(DeliveryDoor.Sdk, body, body.Length, now);
        });
        // Without an import, kept to be decoded again; the address in an escape inside a text inside a text.
        deliveries.Add(() => new WixWebhook { EventId = "quarantined", Event = e => e["createdEvent"] = new JsonObject { ["unknown"] = new JsonArray(theirs[1], theirs[0].Replace("@", "\\u0040", StringComparison.Ordinal), Address) } }.ToDelivery(now));
        deliveries.Add(() => new WixWebhook { EventId = "other", EventType = "wix.contacts.v4.contact_updated", Event = e => e["entity"] = new JsonObject { ["email"] = Address, ["name"] = theirs[1] } }.ToDelivery(now));
        return (deliveries, [.. Enumerable.Range(0, 5).Select(i => new LoyaltyImport
        {
            Id = $"from the API {i}", Revision = "1", Status = "PARSED", CreatedDate = now.AddDays(-1), UpdatedDate = now,
            FileMetadata = new FileMetadata { Name = $"{Address}.csv", Header = new FileHeader { Values = [.. theirs[..2], "b"] }, SampleDataRows = [new SampleDataRow { Values = theirs }, new SampleDataRow { Values = [new string('x', 9_000), Other] }] },
            ParseResult = new ParseResult { ParseErrorReason = $"Row 1: no member {Address}." },
        })]);
    }

    private IEnumerable<string> Holding(string mark) => _all.AllBytes().Where(part => part.Text.Contains(mark, StringComparison.OrdinalIgnoreCase) && part.Text.Replace(Other, "", StringComparison.OrdinalIgnoreCase).Replace("x" + Address, "", StringComparison.OrdinalIgnoreCase).Contains(mark, StringComparison.OrdinalIgnoreCase)).Select(part => part.Where);

    private (DateTimeOffset? At, RemovalReason For) Removed(string id)
    {
        using var database = _all.Database.Contexts.CreateDbContext();
        return database.Imports.Where(i => i.Id == id).Select(i => new ValueTuple<DateTimeOffset?, RemovalReason>(i.Document!.Removed, i.Document.RemovedFor)).Single();
    }

    private async Task AssertWholeAsync()
    {
        await _all.CatchUpSearchAsync();
        Assert.Equal("ok", _all.Database.Scalar("PRAGMA integrity_check(1)"));
        _all.Database.Execute("INSERT INTO import_search(import_search, rank) VALUES ('integrity-check', 1)");
    }

    private sealed record SettleList : Chore
    {
        internal override void Run(WriterSession session)
        {
            while (session.Settling.Step())
            {
            }
        }
    }

    private sealed class StopsAtOnce(CancellationTokenSource stopped) : IProgress<ForgetProgress>
    {
        public void Report(ForgetProgress value) => stopped.Cancel();
    }

    private sealed record Given(string Id, string[][] Rows)
    {
        public WixWebhook ToWebhook(string revision = "1", string? eventId = null, string? fileName = null) => new GivenImport
        {
            Id = Id,
            EventId = eventId ?? Guid.NewGuid().ToString(),
            Revision = revision,
            FileName = fileName ?? $"{Address.ToUpperInvariant()} of {Address}.csv",
            Header = [Address, "name", "points"],
            Mapping = [(ColumnMapping.Email, 0), (ColumnMapping.Points, 2)],
            Samples = Rows,
            ErrorReason = $"Nobody is {Address}",
        }.ToWebhook();

        public Delivery ToDelivery(string? eventId = null, string? fileName = null) => ToWebhook("1", eventId, fileName).ToDelivery(new DateTimeOffset(2026, 11, 30, 11, 0, 0, TimeSpan.Zero));
    }
}
