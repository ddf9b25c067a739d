using System.Runtime.Versioning;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class DatabaseSetupTests : IDisposable
{
    private const string CreateLock = """CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL); INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-11-24 08:00:00');""";
    private const string CreateHistory = """CREATE TABLE "__EFMigrationsHistory" ("MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" TEXT NOT NULL);""";

    private readonly TempDatabase _database = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task File_and_directory_belong_to_the_owner_alone()
    {
        await _database.SetUpAsync(Stop);
        using var reader = SqliteSetup.Open(_database.Connection.ConnectionString);
        _database.Execute("INSERT INTO sites (InstanceId, FirstSeen) VALUES (x'01', 0)");

        var path = _database.Connection.DataSource;
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.All((string[])[path, path + "-wal", path + "-shm"], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Directory_that_was_there_keeps_its_mode_and_an_open_file_is_closed_to_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var path = _database.Connection.DataSource;
        var open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, open);
        await File.WriteAllBytesAsync(path, [], Stop);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        await _database.SetUpAsync(Stop);

        Assert.Equal(open, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task Database_from_before_following_keeps_its_rows_and_its_unfinished_imports_are_due()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_database.Connection.DataSource)!);
        await using (var before = await _database.Contexts.CreateDbContextAsync(Stop))
        {
            await before.GetService<IMigrator>().MigrateAsync("20261124165035_Initial", Stop);
        }

        _database.Execute(
            """
            INSERT INTO sites (RowId, InstanceId, FirstSeen) VALUES (1, x'01', 100);
            INSERT INTO imports (RowId, Id, SiteRowId, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) VALUES
                (1, x'01', 1, 2, 200, 300, 0, 0, 1, x'00'), (2, x'02', 1, 5, 200, 300, 0, 0, 1, x'00'), (3, x'03', 1, 6, 200, 300, 0, 0, 1, x'00'), (4, x'04', 1, 1, 200, 300, 0, 1, 1, x'00'), (5, x'05', NULL, 1, 200, 300, 0, 0, 1, x'00');
            INSERT INTO observations (ImportRowId, Source, ObservedAt, EntityHash) VALUES (1, 1, 250, x'00');
            """);
        await _database.SetUpAsync(Stop);

        Assert.Equal("1:300 2:- 3:- 4:- 5:-", _database.Scalar("SELECT group_concat(RowId || ':' || coalesce(NextAsk, '-'), ' ') FROM (SELECT RowId, NextAsk FROM imports ORDER BY RowId)"));
        Assert.Equal("100 100 100 0", _database.Scalar("SELECT NextAsk || ' ' || NextRecovery || ' ' || NextNaming || ' ' || Link FROM sites"));
        Assert.Equal(250L, _database.Scalar("SELECT LastObservedAt FROM observations"));
    }

    [Fact]
    public async Task Second_start_changes_nothing_and_keeps_the_data()
    {
        await _database.SetUpAsync(Stop);
        _database.Execute("INSERT INTO sites (InstanceId, FirstSeen) VALUES (x'01', 0)");

        await _database.SetUpAsync(Stop);

        Assert.Equal(1L, _database.Scalar("SELECT count(*) FROM sites"));
        Assert.Single(_database.Log.All);
    }

    [Fact]
    public async Task Every_migration_is_applied_and_the_newest_is_told()
    {
        await _database.SetUpAsync(Stop);

        await using var context = await _database.Contexts.CreateDbContextAsync(Stop);
        Assert.Equal(context.Database.GetMigrations(), await context.Database.GetAppliedMigrationsAsync(Stop));
        Assert.EndsWith(context.Database.GetMigrations().Last(), Assert.Single(_database.Log.All).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schema_is_that_of_the_model()
    {
        await using var context = await _database.Contexts.CreateDbContextAsync(Stop);

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task Database_of_a_newer_version_is_refused_in_words()
    {
        await _database.SetUpAsync(Stop);
        _database.Execute("INSERT INTO __EFMigrationsHistory VALUES ('20990101000000_Later', '20.0.0')");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => _database.SetUpAsync(Stop));

        Assert.Equal(
            $"The database {_database.Connection.DataSource} was written by a newer version of LoyaltyDashboard (it has 20990101000000_Later). Start that version, or name another file in ConnectionStrings:Dashboard.", refusal.Message);
    }

    // The limit only ends a start that would wait for ever.
    [Theory(Timeout = 120_000)]
    [InlineData(CreateLock)]
    [InlineData(CreateHistory + CreateLock)]
    public async Task Lock_of_a_start_that_was_killed_is_removed(string leftBehind)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_database.Connection.DataSource)!);
        _database.Execute(leftBehind);

        await _database.SetUpAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0L, _database.Scalar("SELECT count(*) FROM imports"));
        Assert.Contains("Removed a migration lock that an earlier start left behind", _database.Log.All.Select(l => l.Text));
    }

    [Fact(Timeout = 120_000)]
    public async Task Lock_beside_a_finished_schema_holds_nobody()
    {
        await _database.SetUpAsync(TestContext.Current.CancellationToken);
        _database.Execute("DROP TABLE IF EXISTS __EFMigrationsLock; " + CreateLock);

        await _database.SetUpAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0L, _database.Scalar("SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task File_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_database.Connection.DataSource)!);
        await File.WriteAllTextAsync(_database.Connection.DataSource, new string('x', 10_000), Stop);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => _database.SetUpAsync(Stop));

        Assert.StartsWith($"The database {_database.Connection.DataSource} cannot be used: ", refusal.Message);
        Assert.Contains("ConnectionStrings:Dashboard", refusal.Message);
    }

    [Fact]
    public async Task Second_program_on_the_same_database_is_refused_in_words()
    {
        using var first = _database.SetUp();
        await first.StartingAsync(Stop);
        using var second = _database.SetUp();

        Assert.StartsWith($"The database {_database.Connection.DataSource} is in use by another LoyaltyDashboard.", (await Assert.ThrowsAsync<InvalidOperationException>(() => second.StartingAsync(Stop))).Message);
    }
}
