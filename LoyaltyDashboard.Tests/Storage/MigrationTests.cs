using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Storage;

/// <summary>Databases of every schema there has been, each with rows in every table, are brought to this version.</summary>
public sealed class MigrationTests : IDisposable
{
    private const int Rows = 50;
    private const string Lock = """CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL); INSERT OR REPLACE INTO "__EFMigrationsLock" VALUES (1, '2026-11-24 08:00:00');""";

    private const string Deleted = "Lovelace-Mark";
    private const string Notes = "SELECT count(*) FROM notes WHERE Name = 'old pages'";

    private readonly TempDatabase _database = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Schemas() => [.. OldDatabase.Schemas()];

    public void Dispose() => _database.Dispose();

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Every_row_of_an_earlier_schema_is_there_afterwards(string schema)
    {
        var before = await MakeAsync(schema);

        await _database.SetUpAsync(Stop);

        Assert.Equal(Rows, int.Parse(before["imports"], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty(OldDatabase.Losses(_database.Connection.DataSource, before));
        await using var database = await _database.Contexts.CreateDbContextAsync(Stop);
        Assert.Empty(await database.Database.GetPendingMigrationsAsync(Stop));
        Assert.Equal(Rows, (await database.Imports.ToListAsync(Stop)).Count);
    }

    // Each migration is one transaction, and the lock another: a kill leaves a schema between two of them, and the lock.
    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Schemas))]
    public async Task Start_goes_on_where_a_killed_one_had_come_to(string schema)
    {
        var first = OldDatabase.Schemas()[0];
        var before = await MakeAsync(first);
        await using (var killed = await _database.Contexts.CreateDbContextAsync(TestContext.Current.CancellationToken))
        {
            await killed.GetService<IMigrator>().MigrateAsync(schema, TestContext.Current.CancellationToken);
        }

        _database.Execute(Lock);
        await _database.SetUpAsync(TestContext.Current.CancellationToken);

        Assert.Empty(OldDatabase.Losses(_database.Connection.DataSource, before));
    }

    [Fact]
    public async Task What_earlier_versions_deleted_is_in_no_free_page_afterwards()
    {
        await MakeWithOldPagesAsync();
        var log = new NoteWatch(_database);

        using (var setup = new DatabaseSetup(_database.Contexts, _database.Connection, log))
        {
            await setup.StartingAsync(Stop);
        }

        Assert.DoesNotContain(Deleted, await BytesAsync());
        Assert.Equal(1L, log.NotesWhenWriting);
        Assert.Equal(0L, _database.Scalar(Notes));
    }

    [Fact]
    public async Task Large_database_is_not_written_anew_at_a_start_and_the_note_stays_until_it_can_be()
    {
        await MakeWithOldPagesAsync();
        using (var setup = new DatabaseSetup(_database.Contexts, _database.Connection, _database.Log) { LargestToOverwrite = 4_096 })
        {
            await setup.StartingAsync(Stop);
        }

        Assert.Contains(Deleted, await BytesAsync());
        Assert.Equal(1L, _database.Scalar(Notes));
        Assert.Contains(_database.Log.All, line => line.Text.Contains("on the settings page", StringComparison.Ordinal));

        await _database.SetUpAsync(Stop);

        Assert.DoesNotContain(Deleted, await BytesAsync());
        Assert.Equal(0L, _database.Scalar(Notes));
    }

    [Fact]
    public async Task Writing_anew_takes_the_disk_and_not_memory()
    {
        await _database.SetUpAsync(Stop);
        using var connection = SqliteSetup.OpenForVacuum(_database.Connection.ConnectionString);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA temp_store";

        Assert.Equal(1L, command.ExecuteScalar());
    }

    [Fact]
    public async Task Loss_would_be_noticed()
    {
        var before = await MakeAsync(OldDatabase.Schemas()[^1]);
        _database.Execute("UPDATE imports SET FileName = 'other' WHERE RowId = 7; DELETE FROM deliveries WHERE RowId = 3");

        var losses = OldDatabase.Losses(_database.Connection.DataSource, before);

        Assert.Contains(losses, loss => loss.StartsWith("imports.FileName ", StringComparison.Ordinal));
        Assert.Contains("deliveries was '50' and is '49'", losses);
    }

    private async Task MakeWithOldPagesAsync()
    {
        await MakeAsync(OldDatabase.Schemas().TakeWhile(schema => !schema.EndsWith("_Access", StringComparison.Ordinal)).Last());
        _database.Execute($"PRAGMA secure_delete=OFF; UPDATE deliveries SET Cause = '{Deleted}' || hex(zeroblob(3000)) WHERE RowId = 3");
        _database.Execute("PRAGMA secure_delete=OFF; UPDATE deliveries SET Cause = NULL WHERE RowId = 3; PRAGMA wal_checkpoint(TRUNCATE)");
        Assert.Contains(Deleted, await BytesAsync());
    }

    private async Task<string> BytesAsync()
    {
        var bytes = new List<byte>();
        foreach (var suffix in ((string[])["", "-wal"]).Where(suffix => File.Exists(_database.Connection.DataSource + suffix)))
        {
            await using var file = new FileStream(_database.Connection.DataSource + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            await file.CopyToAsync(content, Stop);
            bytes.AddRange(content.ToArray());
        }

        return System.Text.Encoding.Latin1.GetString([.. bytes]);
    }

    private async Task<IReadOnlyDictionary<string, string>> MakeAsync(string schema)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_database.Connection.DataSource)!);
        await OldDatabase.MakeAsync(_database.Connection.DataSource, schema, Rows, Stop);
        return OldDatabase.Contents(_database.Connection.DataSource);
    }

    // Looks whether the note is there when the writing begins.
    private sealed class NoteWatch(TempDatabase database) : ILogger<DatabaseSetup>
    {
        public object? NotesWhenWriting { get; private set; }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            NotesWhenWriting = formatter(state, exception).StartsWith("Writing the database", StringComparison.Ordinal) ? database.Scalar(Notes) : NotesWhenWriting;
    }
}
