using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>The unique keys: whether they are in memory, in the table or on their way, no event is ever stored twice and every import is found.</summary>
public sealed class KeysFollowTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Event_that_comes_again_is_a_duplicate_before_and_after_its_key_is_settled()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        var delivery = new GivenImport { EventId = "once", Arrived = _then }.ToDelivery();
        await writer.WriteAsync(delivery);
        await writer.Time.SomebodyWaitsAsync(Stop);
        Assert.Equal((0L, 0L), Settled(writer.Database));
        Assert.Equal(DeliveryOutcome.Duplicate, (await writer.WriteAsync(delivery)).Outcome);
        await writer.Time.SomebodyWaitsAsync(Stop);

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal((1L, 1L), Settled(writer.Database));
        Assert.Equal(DeliveryOutcome.Duplicate, (await writer.WriteAsync(delivery)).Outcome);
        Assert.Equal(1L, writer.Database.Scalar("SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task Import_is_found_by_its_id_before_and_after_its_key_is_settled()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        var import = new GivenImport { Arrived = _then };
        var id = import.ToDelivery().Observation!.Import.Id;
        await writer.WriteAsync(import.ToDelivery());
        await writer.Time.SomebodyWaitsAsync(Stop);
        Assert.Equal(id, (await writer.Queries.FindAsync(Reader.System, id, Stop))?.Row.Id);

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal((1L, 1L), Settled(writer.Database));
        Assert.Equal(id, (await writer.Queries.FindAsync(Reader.System, id, Stop))?.Row.Id);
        Assert.Null(await writer.Queries.FindAsync(Reader.System, "another", Stop));
    }

    [Fact]
    public async Task Keys_that_only_the_program_before_had_in_memory_are_known_after_a_start()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        var deliveries = Enumerable.Range(0, 3_000).Select(Delivery).ToList();
        using (var before = new WriterSession(database.Connection.ConnectionString))
        {
            Write(before, deliveries);
            // A round that is not brought to its end.
            Assert.True(before.Keys[0].Step());
        }

        Assert.Equal((long)UniqueKeys.KeysPerStep, database.Scalar("SELECT count(*) FROM delivery_keys"));
        Assert.Equal((0L, 0L), Reached(database));
        using var after = new WriterSession(database.Connection.ConnectionString);

        Assert.All(Write(after, deliveries), result => Assert.Equal(DeliveryOutcome.Duplicate, result.Outcome));

        CatchUp(after);
        Assert.Equal((3_000L, 3_000L), Settled(database));
        Assert.All(Write(after, deliveries), result => Assert.Equal(DeliveryOutcome.Duplicate, result.Outcome));
        Assert.Equal(3_000L, database.Scalar("SELECT count(*) FROM imports"));
        Assert.Equal("ok", database.Scalar("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task What_is_added_while_a_round_is_under_way_is_settled_by_the_next()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        Write(session, Enumerable.Range(0, 2_000).Select(Delivery));
        Assert.True(session.Keys[1].Step());
        Assert.True(session.Keys[1].IsFarBehind);

        Write(session, Enumerable.Range(2_000, 1_000).Select(Delivery));
        Assert.All(Write(session, Enumerable.Range(0, 3_000).Select(Delivery)), result => Assert.Equal(DeliveryOutcome.Duplicate, result.Outcome));
        Assert.True(session.Keys[1].Step());
        Assert.Equal(2_000L, Reached(database).Imports);

        CatchUp(session);

        Assert.Equal((3_000L, 3_000L), Settled(database));
        Assert.False(session.Keys[1].IsFarBehind);
        Assert.Equal(0L, database.Scalar("SELECT count(*) FROM imports AS i LEFT JOIN import_keys AS k ON k.Key = i.Id AND k.RowId = i.RowId WHERE k.Key IS NULL"));
        Assert.Equal(0L, database.Scalar("SELECT count(*) FROM deliveries AS d LEFT JOIN delivery_keys AS k ON k.Key = d.DedupeKey AND k.RowId = d.RowId WHERE d.DedupeKey IS NOT NULL AND k.Key IS NULL"));
    }

    [Theory]
    [InlineData(UniqueKeys.MostBehind - 1, false)]
    [InlineData(UniqueKeys.MostBehind, true)]
    public async Task Keys_that_readers_feel_are_settled_without_waiting_for_a_quiet_second(int known, bool isSettled)
    {
        await using var writer = await RunningWriter.PrepareAsync();
        writer.Database.Execute(
            $"""
            WITH RECURSIVE n(N) AS (SELECT 1 UNION ALL SELECT N + 1 FROM n WHERE N < {known})
            INSERT INTO imports (RowId, Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) SELECT N, CAST('import ' || N AS BLOB), 1, N, 0, 0, 0, 1, x'00' FROM n;
            """);
        await writer.Writer.StartAsync(Stop);

        // The clock stands still. The second is answered after what followed the first.
        await writer.WriteAsync(Delivery(0));
        await writer.Queue.ProbeAsync(Stop);

        Assert.Equal(isSettled, Settled(writer.Database).Imports > 0);
    }

    [Fact]
    public async Task Row_that_a_person_removed_with_a_shell_does_not_keep_its_key()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        Write(session, [Delivery(0)]);
        CatchUp(session);
        database.Execute("DELETE FROM import_texts; DELETE FROM import_documents; DELETE FROM observations; DELETE FROM delivery_bodies; DELETE FROM deliveries; DELETE FROM imports");

        Assert.Equal(DeliveryOutcome.Stored, Assert.Single(Write(session, [Delivery(0)])).Outcome);

        CatchUp(session);
        Assert.Equal((1L, 1L), Settled(database));
        Assert.Equal(DeliveryOutcome.Duplicate, Assert.Single(Write(session, [Delivery(0)])).Outcome);
    }

    [Fact]
    public async Task Step_after_a_write_of_somebody_else_settles_what_is_there_and_not_what_was()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        var deliveries = Enumerable.Range(0, 10).Select(Delivery).ToList();
        Write(session, deliveries);
        // An older file in its place: the newest rows were never there, and what comes next takes their numbers.
        database.Execute("DELETE FROM import_texts WHERE RowId > 5; DELETE FROM import_documents WHERE RowId > 5; DELETE FROM observations WHERE ImportRowId > 5; DELETE FROM deliveries WHERE RowId > 5; DELETE FROM imports WHERE RowId > 5; UPDATE sqlite_sequence SET seq = 5");

        CatchUp(session);

        Assert.Equal((5L, 5L), Settled(database));
        Assert.Equal((5L, 5L), Reached(database));
        var outcomes = Write(session, deliveries).Select(result => result.Outcome).ToList();
        Assert.Equal([.. Enumerable.Repeat(DeliveryOutcome.Duplicate, 5), .. Enumerable.Repeat(DeliveryOutcome.Stored, 5)], outcomes);
    }

    [Fact]
    public async Task Tables_that_somebody_emptied_take_their_rows_again_once_each()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        var deliveries = Enumerable.Range(0, 10).Select(Delivery).ToList();
        using (var session = new WriterSession(database.Connection.ConnectionString))
        {
            Write(session, deliveries);
            CatchUp(session);
            database.Execute("DELETE FROM import_texts; DELETE FROM import_documents; DELETE FROM observations; DELETE FROM delivery_bodies; DELETE FROM deliveries; DELETE FROM imports; DELETE FROM sqlite_sequence; DELETE FROM key_state WHERE Keys = 'delivery_keys'");
            Write(session, deliveries[..3]);
        }

        // Nothing of the three was settled, as after a kill.
        using var after = new WriterSession(database.Connection.ConnectionString);

        Assert.Equal([.. Enumerable.Repeat(DeliveryOutcome.Duplicate, 3), .. Enumerable.Repeat(DeliveryOutcome.Stored, 7)], Write(after, deliveries).Select(result => result.Outcome));

        CatchUp(after);
        Assert.Equal((10L, 10L), Settled(database));
        Assert.Equal(10L, database.Scalar("SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task Import_whose_document_somebody_took_away_is_the_same_import_when_it_comes_again()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        var import = new GivenImport { EventId = "first", Arrived = _then };
        Write(session, [import.ToDelivery()]);
        database.Execute("DELETE FROM import_documents");

        Write(session, [(import with { EventId = "again", Revision = "2", FileName = "members.csv" }).ToDelivery()]);

        Assert.Equal(1L, database.Scalar("SELECT count(*) FROM imports"));
        Assert.Equal(1L, database.Scalar("SELECT count(*) FROM import_documents"));
        Assert.Equal("members.csv", database.Scalar("SELECT FileName FROM imports"));
    }

    [Fact]
    public async Task Backup_of_a_database_with_an_import_twice_is_refused()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using (var session = new WriterSession(database.Connection.ConnectionString))
        {
            Write(session, [Delivery(0)]);
        }

        Assert.Equal(1L, DatabaseCheck.Read(database.Connection.DataSource).Imports);
        database.Execute("INSERT INTO imports (Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) SELECT Id, 1, 1, 1, 0, 0, 1, x'00' FROM imports");

        var fault = Assert.Throws<InvalidOperationException>(() => DatabaseCheck.Read(database.Connection.DataSource));

        Assert.Contains("1 rows of imports have the Id of another", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_failed_to_follow_rests_for_some_seconds_and_goes_on()
    {
        await using var writer = await RunningWriter.StartAsync();
        await writer.Time.SomebodyWaitsAsync(Stop);
        writer.Database.Execute("CREATE TRIGGER broken BEFORE INSERT ON import_keys BEGIN SELECT RAISE(ABORT, 'no'); END");
        await writer.WriteAsync(Delivery(0));
        await writer.Time.SomebodyWaitsAsync(Stop);
        await PassAsync(1);
        writer.Database.Execute("DROP TRIGGER broken");

        await PassAsync(1);
        Assert.Equal(0L, Settled(writer.Database).Imports);
        await PassAsync(5);
        Assert.Equal(1L, Settled(writer.Database).Imports);

        async Task PassAsync(int seconds)
        {
            writer.Time.Advance(TimeSpan.FromSeconds(seconds));
            await writer.Time.SomebodyWaitsAsync(Stop);
        }
    }

    [Fact]
    public async Task Keys_from_before_are_in_the_tables_by_the_migration()
    {
        using var database = new TempDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Connection.DataSource)!);
        await using (var before = await database.Contexts.CreateDbContextAsync(Stop))
        {
            await before.GetService<IMigrator>().MigrateAsync("20261125040331_Settling", Stop);
        }

        database.Execute(
            """
            INSERT INTO imports (RowId, Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) VALUES (5, x'AA', 1, 1, 1, 0, 0, 1, x'00'), (7, x'01', 1, 1, 1, 0, 0, 1, x'00');
            INSERT INTO deliveries (RowId, Door, ReceivedAt, Outcome, AnswerStatus, BodyBytes, ContentDiffers, DedupeKey) VALUES (3, 1, 1, 1, 200, 1, 0, x'0102'), (4, 1, 1, 1, 200, 1, 0, NULL);
            """);

        await database.SetUpAsync(Stop);

        Assert.Equal("01:7 AA:5", database.Scalar("SELECT group_concat(hex(Key) || ':' || RowId, ' ') FROM import_keys"));
        Assert.Equal("0102:3", database.Scalar("SELECT group_concat(hex(Key) || ':' || RowId, ' ') FROM delivery_keys"));
        Assert.Equal((7L, 4L), Reached(database));
    }

    private static Delivery Delivery(int number) =>
        new GivenImport { Id = $"{number:D8}-0000-4000-8000-{(number * 7_919L) % 1_000_003:D12}", EventId = $"event {number}", Arrived = _then }.ToDelivery();

    private static List<IngestResult> Write(WriterSession session, IEnumerable<Delivery> deliveries)
    {
        using var transaction = session.Begin();
        var results = deliveries.Select(delivery => session.Apply(delivery, [])).ToList();
        transaction.Commit();
        return results;
    }

    private static void CatchUp(WriterSession session)
    {
        foreach (var keys in session.Keys)
        {
            while (keys.Step())
            {
            }
        }
    }

    private static (long Imports, long Deliveries) Settled(TempDatabase database) =>
        ((long)database.Scalar("SELECT count(*) FROM import_keys")!, (long)database.Scalar("SELECT count(*) FROM delivery_keys")!);

    private static (long Imports, long Deliveries) Reached(TempDatabase database) => (
        (long)database.Scalar("SELECT SettledTo FROM key_state WHERE Keys = 'import_keys'")!,
        (long)database.Scalar("SELECT SettledTo FROM key_state WHERE Keys = 'delivery_keys'")!);
}
