using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>How the searched texts of a database from before masking are masked.</summary>
public sealed class OldTextsTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_and_headings_that_hold_an_address_are_written_anew_and_the_index_with_them()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        Write(session, new GivenImport { Id = "a", FileName = "of ann@example.com.csv", Header = ["cyd@example.com", "Cyd"], Mapping = [("EMAIL", 0), ("POINTS", 1)] });
        Write(session, new GivenImport { Id = "b", FileName = "plain.csv" });
        database.Execute("UPDATE import_texts SET Folded = 'of ann@example.com.csv' || char(10) || 'cyd@example.com' || char(10) || 'cyd' WHERE RowId = 1");
        database.Execute("UPDATE imports SET EmailColumn = 'cyd@example.com', PointsColumn = 'Cyd' WHERE RowId = 1");
        database.Execute("UPDATE sites SET FoldedName = 'shop of bob@example.com'");
        Follow(session);
        var plain = database.Scalar("SELECT Folded FROM import_texts WHERE RowId = 2");
        Assert.Equal(1L, Entries(database, "ann"));
        database.Execute($"INSERT INTO notes (Name, Value) VALUES ('{OldTexts.Note}', '0')");

        while (session.OldTexts.Step())
        {
        }

        Follow(session);
        var text = (string)database.Scalar("SELECT Folded FROM import_texts WHERE RowId = 1")!;
        Assert.StartsWith("of a•••@e•••.csv\na\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cyd", text, StringComparison.Ordinal);
        Assert.Equal("0 1", database.Scalar("SELECT EmailColumn || ' ' || PointsColumn FROM imports WHERE RowId = 1"));
        Assert.Equal("shop of b•••@e•••.com", database.Scalar("SELECT FoldedName FROM sites"));
        Assert.Equal(plain, database.Scalar("SELECT Folded FROM import_texts WHERE RowId = 2"));
        Assert.Equal((0L, 1L), (Entries(database, "ann"), Entries(database, "csv") - 1));
        database.Execute("INSERT INTO import_search(import_search, rank) VALUES ('integrity-check', 1)");
        Assert.Equal(0L, database.Scalar("SELECT count(*) FROM notes"));
    }

    [Fact]
    public async Task Text_without_its_document_is_masked_as_it_stands()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        using var session = new WriterSession(database.Connection.ConnectionString);
        Write(session, new GivenImport { Id = "a", FileName = "a.csv" });
        database.Execute("DELETE FROM import_documents; UPDATE import_texts SET Folded = 'ann@example.com'");
        database.Execute($"INSERT INTO notes (Name, Value) VALUES ('{OldTexts.Note}', '0')");

        while (session.OldTexts.Step())
        {
        }

        Assert.Equal("a•••@e•••.com", database.Scalar("SELECT Folded FROM import_texts"));
    }

    [Fact]
    public async Task Work_goes_on_where_it_was_left_and_is_done_in_pieces()
    {
        using var database = await TempDatabase.CreateAsync(Stop);
        database.Execute(
            $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= {OldTexts.RowsPerStep}) INSERT INTO imports (RowId, Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) SELECT i, i, 1, 0, 0, 0, 0, 1, x'00' FROM n;
            INSERT INTO import_texts (RowId, Folded) SELECT RowId, 'ann@example.com' FROM imports;
            INSERT INTO notes (Name, Value) VALUES ('{OldTexts.Note}', '1');
            """);
        using (var first = new WriterSession(database.Connection.ConnectionString))
        {
            Assert.True(first.OldTexts.Step());
            Assert.Equal((long)OldTexts.RowsPerStep, database.Scalar("SELECT count(*) FROM import_texts WHERE Folded LIKE 'a•••%'"));
        }

        using var second = new WriterSession(database.Connection.ConnectionString);
        Assert.False(second.OldTexts.Step());
        Assert.False(second.OldTexts.Step());
        // The first row was done before, as the note said.
        Assert.Equal("ann@example.com", database.Scalar("SELECT group_concat(Folded) FROM import_texts WHERE Folded LIKE '%ann%'"));
    }

    [Fact]
    public async Task Only_a_database_from_before_that_has_texts_is_worked_on()
    {
        using var fresh = await TempDatabase.CreateAsync(Stop);
        Assert.Equal(0L, fresh.Scalar("SELECT count(*) FROM notes"));
        using var old = new TempDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(old.Connection.DataSource)!);
        await using (var before = await old.Contexts.CreateDbContextAsync(Stop))
        {
            await before.GetService<IMigrator>().MigrateAsync(before.Database.GetMigrations().Last(name => string.CompareOrdinal(name, before.Database.GetMigrations().Single(m => m.EndsWith("_Access", StringComparison.Ordinal))) < 0), Stop);
        }

        old.Execute("INSERT INTO imports (Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) VALUES (x'01', 1, 0, 0, 0, 0, 1, x'00'); INSERT INTO import_texts (RowId, Folded) VALUES (1, 'text')");
        await old.SetUpAsync(Stop);

        Assert.Equal("0", old.Scalar($"SELECT Value FROM notes WHERE Name = '{OldTexts.Note}'"));
    }

    [Fact]
    public async Task Writer_does_it_when_nothing_came_for_a_second()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        writer.Database.Execute($"INSERT INTO notes (Name, Value) VALUES ('{OldTexts.Note}', '0')");
        await writer.Writer.StartAsync(Stop);
        await writer.Time.SomebodyWaitsAsync(Stop);

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await writer.Time.SomebodyWaitsAsync(Stop);

        Assert.Equal(0L, writer.Database.Scalar("SELECT count(*) FROM notes"));
    }

    private static void Write(WriterSession session, GivenImport import)
    {
        using var transaction = session.Begin();
        session.Apply((import with { Arrived = _then }).ToDelivery(), []);
        transaction.Commit();
    }

    private static void Follow(WriterSession session)
    {
        while (session.Search.Step())
        {
        }
    }

    private static long Entries(TempDatabase database, string trigram) => (long)database.Scalar($"SELECT count(*) FROM import_search WHERE import_search MATCH '\"{trigram}\"'")!;
}
