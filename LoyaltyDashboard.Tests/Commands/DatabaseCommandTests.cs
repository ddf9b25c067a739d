using System.CommandLine;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Commands;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Tests.Commands;

/// <summary><c>backup</c> and <c>restore</c>, beside a program that holds the database and without one.</summary>
public sealed class DatabaseCommandTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions _withoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("loyalty-");
    private readonly TempDatabase _database = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Path => _database.Connection.DataSource;

    private string Backup => System.IO.Path.Combine(_directory.FullName, "backup.db");

    public async ValueTask InitializeAsync()
    {
        await _database.SetUpAsync(Stop);
        Add(1);
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Backup_of_a_database_in_use_is_one_whole_file_and_says_what_it_holds()
    {
        using var dashboard = _database.SetUp();
        await dashboard.StartingAsync(Stop);
        using var reader = SqliteSetup.Open(_database.Connection.ConnectionString);

        Assert.Equal((0, ""), (await RunAsync("backup", Backup), _error.ToString()));

        Assert.Matches($@"^Backed up {Path} to {Backup}: 1 imports, 1 deliveries, [\d,]+ bytes, in \d+\.\d s; checked: whole, schema \d+_\w+\.\nThe keys in {Regex.Escape(System.IO.Path.ChangeExtension(Path, null))}-keys are not in it, [^\n]+\n$", _output.ToString());
        Assert.Equal([Backup], _directory.GetFiles().Select(f => f.FullName));
        Assert.Equal(1L, Scalar(Backup, "SELECT count(*) FROM imports"));
        Assert.Equal("delete", Scalar(Backup, "PRAGMA journal_mode"));
    }

    [Fact]
    public async Task Admin_link_is_made_beside_a_dashboard_audited_and_found_by_it()
    {
        using var dashboard = _database.SetUp();
        await dashboard.StartingAsync(Stop);

        Assert.Equal((0, ""), (await RunAsync("admin-link"), _error.ToString()));

        var link = System.Text.RegularExpressions.Regex.Match(_output.ToString(), @"/enter/(\S+)");
        var found = await new Links(_database.Contexts, TimeProvider.System).FindAsync(link.Groups[1].Value, Stop);
        Assert.Equal(LinkPurpose.Administrator, found!.Purpose);
        Assert.Equal("command link made a link that makes an administrator", Scalar(Path, "SELECT Actor || ' ' || Action || ' ' || Detail FROM audit"));
    }

    [Fact]
    public async Task Admin_link_needs_a_database()
    {
        Assert.Equal(1, await TryAsync("admin-link", "--database", Backup));

        Assert.Contains("There is no database", _error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(Backup));
    }

    [Fact]
    public async Task Verify_checks_database_and_audit_log_beside_a_dashboard()
    {
        using var dashboard = _database.SetUp();
        await dashboard.StartingAsync(Stop);
        var keys = new KeyDirectory(Path);
        var log = new AuditLog(_database.Connection, new AuditChain(keys), new PersonalHash(keys), TimeProvider.System, new LogLines<AuditLog>());
        await log.AppendAsync(new("user:1", AuditAction.SignIn), Stop);

        Assert.Equal((0, ""), (await RunAsync("verify"), _error.ToString()));
        Assert.Matches($@"^{Path}: 1 imports, 1 deliveries, [\d,]+ bytes, in \d+\.\d s; checked: whole, schema \d+_\w+\.\nAudit log: 1 lines, none changed, none removed\.\n$", _output.ToString());

        _database.Execute("DROP TRIGGER audit_keeps; DELETE FROM audit");
        Assert.Equal(1, await RunAsync("verify"));
        Assert.StartsWith("verify: The audit log is not whole: the log ends at line 0, but line 1 was written", _error.ToString());
    }

    [Fact]
    public async Task Verify_of_what_is_no_database_says_so()
    {
        await File.WriteAllTextAsync(Backup, "nothing", Stop);

        Assert.Equal(1, await TryAsync("verify", "--database", Backup));
        Assert.Equal(1, await TryAsync("verify", "--database", Backup + "2"));
        Assert.Contains("There is no database at", _error.ToString());
    }

    // Every write begins the steps of a backup anew unless it reads at one moment; this one meets a write between any two steps.
    [Fact(Timeout = 60_000)]
    public async Task Writer_that_never_rests_neither_starves_a_backup_nor_gets_into_it()
    {
        // Large enough for several steps.
        _database.Execute("CREATE TABLE filler (a BLOB); INSERT INTO filler SELECT zeroblob(8000000) FROM (SELECT 1 UNION SELECT 2 UNION SELECT 3)");
        _database.Execute("CREATE TABLE two (a INTEGER); CREATE TABLE halves (a INTEGER)");
        using var ended = new CancellationTokenSource();
        var writes = 0;
        var writer = Task.Run(
            () =>
            {
                using var connection = SqliteSetup.Open(_database.Connection.ConnectionString);
                using var command = connection.CreateCommand();
                // Both or none, in every moment that a reader can see.
                command.CommandText = "BEGIN IMMEDIATE; INSERT INTO two VALUES (1); INSERT INTO halves VALUES (1); COMMIT;";
                while (!ended.IsCancellationRequested)
                {
                    command.ExecuteNonQuery();
                    Interlocked.Increment(ref writes);
                }
            },
            TestContext.Current.CancellationToken);

        var before = Volatile.Read(ref writes);
        Assert.Equal((0, ""), (await RunAsync("backup", Backup), _error.ToString()));
        var after = Volatile.Read(ref writes);
        await ended.CancelAsync();
        await writer;

        Assert.True(after > before, "Nothing was written meanwhile.");
        Assert.Equal(Scalar(Backup, "SELECT count(*) FROM two"), Scalar(Backup, "SELECT count(*) FROM halves"));
        Assert.InRange((long)Scalar(Backup, "SELECT count(*) FROM two")!, before, after);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Backup_and_what_is_restored_belong_to_the_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Assert.Equal(0, await RunAsync("backup", Backup));
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Equal(0, await RunAsync("restore", Backup));

        Assert.All((string[])[Backup, Path], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task Backup_replaces_a_file_only_when_it_is_told_to()
    {
        await File.WriteAllTextAsync(Backup, "precious", Stop);

        Assert.Equal(1, await RunAsync("backup", Backup));
        Assert.Equal($"backup: {Backup} is there already. Name another file, or add --overwrite.\n", _error.ToString());
        Assert.Equal("precious", await File.ReadAllTextAsync(Backup, Stop));

        Assert.Equal(0, await RunAsync("backup", Backup, "--overwrite"));
        Assert.Equal(1L, Scalar(Backup, "SELECT count(*) FROM imports"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData(".lock")]
    public async Task Backup_never_replaces_the_database_itself(string suffix)
    {
        Assert.Equal(1, await RunAsync("backup", Path + suffix, "--overwrite"));

        Assert.Equal($"backup: {Path + suffix} belongs to the database itself. Name another file.\n", _error.ToString());
        Assert.Equal(1L, _database.Scalar("SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task Backup_into_a_folder_that_is_not_there_is_refused()
    {
        var nowhere = System.IO.Path.Combine(_directory.FullName, "none", "backup.db");

        Assert.Equal(1, await RunAsync("backup", nowhere));
        Assert.Equal($"backup: {nowhere} cannot be written: it must be a file in a folder that is there.\n", _error.ToString());
    }

    [Fact]
    public async Task Backup_without_a_database_says_where_it_looked()
    {
        Assert.Equal(1, await TryAsync("backup", Backup, "--database", Backup + ".none"));

        Assert.StartsWith($"backup: There is no database at {Backup}.none. ", _error.ToString());
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public async Task Backup_of_a_damaged_database_gets_no_name()
    {
        Damage(Path);

        Assert.Equal(1, await RunAsync("backup", Backup));
        Assert.Contains("is damaged: ", _error.ToString());
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public async Task Configured_database_is_found_by_the_rules_of_the_dashboard()
    {
        await File.WriteAllTextAsync(System.IO.Path.Combine(_directory.FullName, "appsettings.json"), $$"""{ "ConnectionStrings": { "Dashboard": "Data Source=own/mine.db" } }""", Stop);
        Directory.CreateDirectory(System.IO.Path.Combine(_directory.FullName, "own"));
        Assert.Equal(0, await RunAsync("backup", System.IO.Path.Combine(_directory.FullName, "own", "mine.db")));

        Assert.Equal((0, ""), (await TryAsync("backup", Backup, "--contentRoot", _directory.FullName), _error.ToString()));

        Assert.Equal(1L, Scalar(Backup, "SELECT count(*) FROM imports"));
    }

    [Theory]
    [InlineData(null, "data/sandbox.db", "data/loyalty-dashboard.db")]
    [InlineData("Data Source=own/mine.db", "own/sandbox-mine.db", "own/mine.db")]
    public async Task With_the_sandbox_on_both_find_its_database_and_leave_the_other_alone(string? connection, string own, string other)
    {
        var (sandbox, real) = (System.IO.Path.Combine(_directory.FullName, own), System.IO.Path.Combine(_directory.FullName, other));
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(real)!);
        Assert.Equal(0, await RunAsync("backup", sandbox));
        Add(2);
        Assert.Equal(0, await RunAsync("backup", real));
        await ConfigureSandboxAsync(connection);

        Assert.Equal((0, ""), (await TryInAsync("Development", "backup", Backup, "--contentRoot", _directory.FullName), _error.ToString()));
        Assert.Equal(1L, Scalar(Backup, "SELECT count(*) FROM imports"));

        Execute(sandbox, "DELETE FROM imports");
        Assert.Equal((0, ""), (await TryInAsync("Development", "restore", Backup, "--contentRoot", _directory.FullName), _error.ToString()));
        Assert.Equal((1L, 2L), (Scalar(sandbox, "SELECT count(*) FROM imports"), Scalar(real, "SELECT count(*) FROM imports")));
        Assert.Contains($"Restored {sandbox} from {Backup}: ", _output.ToString());
    }

    [Fact]
    public async Task Where_the_dashboard_would_not_start_with_the_sandbox_no_database_is_touched()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        await ConfigureSandboxAsync(null);

        Assert.Equal(1, await TryInAsync("Production", "restore", Backup, "--contentRoot", _directory.FullName));

        Assert.StartsWith("restore: Sandbox:Enabled is true in the Production environment, ", _error.ToString());
        Assert.Empty(_directory.GetDirectories());
    }

    [Fact]
    public async Task Restore_brings_back_what_was_backed_up_keeps_what_was_there_and_says_how_to_go_back()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        Add(2);

        Assert.Equal((0, ""), (await RunAsync("restore", Backup), _error.ToString()));

        Assert.Equal(1L, _database.Scalar("SELECT count(*) FROM imports"));
        var kept = Assert.Single(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, "*.before-restore-*"));
        Assert.Equal(2L, Scalar(kept, "SELECT count(*) FROM imports"));
        Assert.Contains($"Restored {Path} from {Backup}: 1 imports, 1 deliveries, ", _output.ToString());
        Assert.EndsWith($"is kept as {kept}. To go back: LoyaltyDashboard restore {kept} --database {Path}\n", _output.ToString());

        Assert.Equal(0, await RunAsync("restore", kept));
        Assert.Equal(2L, _database.Scalar("SELECT count(*) FROM imports"));
        // The program opens it as its own.
        await _database.SetUpAsync(Stop);
    }

    [Fact]
    public async Task What_stood_in_the_log_of_the_old_database_is_kept_with_it_and_does_not_meet_the_new_one()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        // A killed program leaves its log behind.
        var left = System.IO.Path.Combine(_directory.FullName, "killed.db");
        using (var open = SqliteSetup.Open(_database.Connection.ConnectionString))
        {
            Add(2);
            File.Copy(Path, left);
            File.Copy(Path + "-wal", left + "-wal");
        }

        Assert.True(new FileInfo(left + "-wal").Length > 0);
        Assert.Equal((0, ""), (await TryAsync("restore", Backup, "--database", left), _error.ToString()));

        Assert.False(File.Exists(left + "-wal"));
        Assert.Equal(1L, Scalar(left, "SELECT count(*) FROM imports"));
        Assert.Equal(2L, Scalar(Assert.Single(_directory.GetFiles("killed.db.before-restore-*")).FullName, "SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task Database_too_damaged_to_open_is_kept_as_it_is_and_replaced()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        var broken = System.IO.Path.Combine(_directory.FullName, "broken.db");
        await File.WriteAllTextAsync(broken, new string('x', 10_000), Stop);
        await File.WriteAllTextAsync(broken + "-wal", "log", Stop);

        Assert.Equal((0, ""), (await TryAsync("restore", Backup, "--database", broken), _error.ToString()));

        Assert.Equal(1L, Scalar(broken, "SELECT count(*) FROM imports"));
        Assert.False(File.Exists(broken + "-wal"));
        Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(_directory.GetFiles("broken.db.before-restore-*").Single(f => !f.Name.EndsWith("-wal", StringComparison.Ordinal)).FullName, Stop));
    }

    [Fact]
    public async Task Restore_where_there_is_no_database_makes_one()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        var fresh = System.IO.Path.Combine(_directory.FullName, "fresh", "data.db");

        Assert.Equal((0, ""), (await TryAsync("restore", Backup, "--database", fresh), _error.ToString()));

        Assert.EndsWith("There was no database before.\n", _output.ToString());
        Assert.Equal(1L, Scalar(fresh, "SELECT count(*) FROM imports"));
    }

    [Fact]
    public async Task Restore_is_refused_while_the_dashboard_runs()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        using var dashboard = _database.SetUp();
        await dashboard.StartingAsync(Stop);

        await RefusesAsync($"restore: The database {Path} is in use by another LoyaltyDashboard.");
    }

    [Fact]
    public async Task Restore_is_refused_while_another_program_has_the_database_open()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        using var tool = new SqliteConnection($"Data Source={Path};Pooling=False");
        await tool.OpenAsync(Stop);
        using var reading = tool.CreateCommand();
        reading.CommandText = "BEGIN; SELECT count(*) FROM imports";
        await reading.ExecuteScalarAsync(Stop);

        await RefusesAsync($"restore: The database {Path} is open in another program, ");
    }

    [Fact]
    public async Task Restore_of_a_newer_schema_is_refused()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        Execute(Backup, "INSERT INTO __EFMigrationsHistory VALUES ('20990101000000_Later', '20.0.0')");

        await RefusesAsync($"restore: {Backup} was written by a newer version of LoyaltyDashboard (it has 20990101000000_Later). Use that version.");
    }

    [Fact]
    public async Task Restore_of_a_foreign_database_is_refused()
    {
        Execute(Backup, "CREATE TABLE imports (a); CREATE TABLE cats (b)");

        await RefusesAsync($"restore: {Backup} is a database, but none of LoyaltyDashboard.");
    }

    [Fact]
    public async Task Restore_of_a_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(Backup, new string('x', 10_000), Stop);

        await RefusesAsync($"restore: {Backup} is no SQLite database.");
    }

    [Fact]
    public async Task Restore_of_a_damaged_backup_is_refused()
    {
        Assert.Equal(0, await RunAsync("backup", Backup));
        Damage(Backup);

        await RefusesAsync("is damaged: ");
    }

    [Fact]
    public async Task Restore_of_a_file_that_is_not_there_or_is_the_database_is_refused()
    {
        await RefusesAsync($"restore: There is no file {Backup}.");

        Assert.Equal(1, await RunAsync("restore", Path));
        Assert.Contains($"restore: {Path} is the database itself.", _error.ToString());
    }

    private async Task RefusesAsync(string words)
    {
        Assert.Equal(1, await RunAsync("restore", Backup));

        Assert.Contains(words, _error.ToString());
        Assert.Equal(1L, _database.Scalar("SELECT count(*) FROM imports"));
        Assert.Empty(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, "*.before-restore-*"));
        Assert.Empty(Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!, "*.unfinished*"));
    }

    private Task<int> RunAsync(params string[] args) => TryAsync([.. args, "--database", Path]);

    private Task<int> TryAsync(params string[] args) => TryInAsync("Production", args);

    private Task<int> TryInAsync(string environment, params string[] args)
    {
        // What the fixture's pool holds open is no other program.
        using (var pooled = new SqliteConnection(_database.Connection.ConnectionString))
        {
            SqliteConnection.ClearPool(pooled);
        }

        return CommandLine.TryRun(args, configured => Startup.Configure([.. configured, "--environment", environment]), new InvocationConfiguration { Output = _output, Error = _error })!;
    }

    private Task ConfigureSandboxAsync(string? connection) => File.WriteAllTextAsync(
        System.IO.Path.Combine(_directory.FullName, "appsettings.json"),
        JsonSerializer.Serialize(new { Sandbox = new { Enabled = true }, ConnectionStrings = new { Dashboard = connection } }, _withoutNulls),
        Stop);

    private void Add(int number) => _database.Execute(
        $"""
        INSERT INTO imports (Id, Status, Arrived, LastSeen, Verdict, IsTestEvent, Source, EntityHash) VALUES (x'0{number}', 1, 200, 300, 0, 0, 1, x'00');
        INSERT INTO deliveries (Door, ReceivedAt, Outcome, AnswerStatus, BodyBytes, ContentDiffers) VALUES (1, 0, 1, 200, 10, 0);
        """);

    // In the middle of the pages, past the header that tells what the file is.
    private void Damage(string path)
    {
        Execute(path, "PRAGMA wal_checkpoint(TRUNCATE)");
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        var root = (int)(long)Scalar(path, "SELECT rootpage FROM sqlite_master WHERE name = 'imports'")!;
        file.Position = (root - 1) * 4096L;
        file.Write(new byte[4096]);
    }

    private static object? Scalar(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Execute(string path, string sql) => Scalar(path, sql);
}
