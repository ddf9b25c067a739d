using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Lines go in durable and in order, and a log that was tampered with is told.</summary>
public sealed class AuditLogTests : IAsyncLifetime
{
    private const string WithoutTriggers = "DROP TRIGGER audit_stays; DROP TRIGGER audit_keeps;";

    private readonly TempDatabase _database = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));
    private readonly LogLines<AuditLog> _log = new();
    private KeyDirectory _keys = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AuditQueries Queries => new(_database.Contexts);

    public async ValueTask InitializeAsync()
    {
        await _database.SetUpAsync(Stop);
        _keys = new KeyDirectory(_database.Connection);
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Lines_are_there_once_they_are_answered_and_the_chain_holds()
    {
        var log = Log();
        await log.AppendAsync(new("user:1", AuditAction.SignIn), Stop);
        _time.Advance(TimeSpan.FromMinutes(1));
        await log.AppendAsync(new("user:1", AuditAction.Export, "imports", "csv, 12 rows"), Stop);

        var lines = await Queries.PageAsync(Reader.System, new(), null, 10, Stop);

        Assert.Equal([(2L, AuditAction.Export, "imports", "csv, 12 rows"), (1L, AuditAction.SignIn, null, null)], lines.Select(l => (l.RowId, l.Action, l.Subject, l.Detail)));
        Assert.Equal(_time.GetUtcNow(), lines[0].At);
        Assert.Equal(new AuditVerdict(2, null, []), await VerifyAsync(), Same);
    }

    [Fact]
    public async Task Lines_of_many_at_once_all_go_in_without_a_gap()
    {
        var log = Log();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => log.AppendAsync(new($"user:{i}", AuditAction.Reveal), Stop), Stop)));

        Assert.Equal(200, (await Queries.AllAsync(Reader.System, new(), Stop).ToListAsync(Stop)).Select(l => l.Actor).Distinct().Count());
        Assert.Equal(new AuditVerdict(200, null, []), await VerifyAsync(), Same);
    }

    [Fact]
    public async Task Two_programs_write_one_chain()
    {
        var (dashboard, command) = (Log(), Log());
        await dashboard.AppendAsync(new("user:1", AuditAction.SignIn), Stop);
        await command.AppendAsync(new(AuditEntry.Command, AuditAction.Link), Stop);
        await dashboard.AppendAsync(new("user:1", AuditAction.SignOut), Stop);

        Assert.Equal(new AuditVerdict(3, null, []), await VerifyAsync(), Same);
    }

    [Fact]
    public async Task Who_cannot_be_audited_fails_and_the_next_one_may_succeed()
    {
        var log = Log();
        _database.Execute("ALTER TABLE audit RENAME TO elsewhere");
        await Assert.ThrowsAsync<SqliteException>(() => log.AppendAsync(new("user:1", AuditAction.Reveal), Stop));

        _database.Execute("ALTER TABLE elsewhere RENAME TO audit");
        await log.AppendAsync(new("user:1", AuditAction.Reveal), Stop);

        Assert.Equal(new AuditVerdict(1, null, []), await VerifyAsync(), Same);
    }

    [Theory]
    [InlineData("UPDATE audit SET Detail = 'other'")]
    [InlineData("DELETE FROM audit WHERE RowId = 2")]
    public async Task Database_itself_refuses_to_change_or_remove_a_line(string sql)
    {
        await ThreeLinesAsync();

        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => _database.Execute(sql)).Message);
    }

    [Theory]
    [InlineData("UPDATE audit SET Detail = 'no' WHERE RowId = 2", "line 2 of 2026-11-30 12:00:00 UTC was changed")]
    [InlineData("UPDATE audit SET At = At + 1 WHERE RowId = 3", "line 3 of 2026-11-30 12:00:00 UTC was changed")]
    [InlineData("UPDATE audit SET Actor = 'user:2two', Action = substr(Action, 1) WHERE RowId = 2", "line 2 of 2026-11-30 12:00:00 UTC was changed")]
    [InlineData("UPDATE audit SET Subject = '' WHERE RowId = 2", "line 2 of 2026-11-30 12:00:00 UTC was changed")]
    [InlineData("DELETE FROM audit WHERE RowId = 2", "line 2 was removed")]
    [InlineData("DELETE FROM audit WHERE RowId < 3", "lines 1 to 2 were removed")]
    [InlineData("DELETE FROM audit WHERE RowId = 2; UPDATE audit SET RowId = 2 WHERE RowId = 3", "line 2 of 2026-11-30 12:00:00 UTC was changed")]
    [InlineData("DELETE FROM audit WHERE RowId = 3", "the log ends at line 2, but line 3 was written")]
    [InlineData("DELETE FROM audit", "the log ends at line 0, but line 3 was written")]
    public async Task Tampering_is_told(string sql, string fault)
    {
        await ThreeLinesAsync();
        _database.Execute(WithoutTriggers + sql);

        Assert.StartsWith(fault, (await VerifyAsync()).Fault);
    }

    [Fact]
    public async Task Log_that_was_emptied_is_told_though_its_head_is_gone_too()
    {
        Assert.Null((await VerifyAsync()).Fault);
        await ThreeLinesAsync();
        _database.Execute(WithoutTriggers + "DELETE FROM audit");
        File.Delete(Path.Combine(_keys.Path, "audit.head"));

        Assert.StartsWith("there is no line, but", (await VerifyAsync()).Fault);
    }

    [Fact]
    public async Task Cut_tail_is_told_by_the_log_itself_once_it_is_written_to_again()
    {
        await ThreeLinesAsync();
        _database.Execute(WithoutTriggers + "DELETE FROM audit WHERE RowId >= 2");

        await Log().AppendAsync(new("user:1", AuditAction.SignIn), Stop);

        var verdict = await VerifyAsync();
        Assert.Equal((3, null), (verdict.Lines, verdict.Fault));
        Assert.StartsWith("line 2 of 2026-11-30 12:00:00 UTC tells of a gap: lines 2 to 3 are gone", Assert.Single(verdict.Gaps));
        Assert.Contains(_log.All, line => line.Text.StartsWith("The audit log ends at line 1, but had 3 lines", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Note_of_the_newest_line_that_lags_behind_is_no_fault_and_one_that_is_missing_is()
    {
        await ThreeLinesAsync();
        var head = await File.ReadAllBytesAsync(Path.Combine(_keys.Path, "audit.head"), Stop);
        await Log().AppendAsync(new("user:1", AuditAction.SignOut), Stop);

        _keys.Replace("audit.head", head);
        Assert.Equal(new AuditVerdict(4, null, []), await VerifyAsync(), Same);

        File.Delete(Path.Combine(_keys.Path, "audit.head"));
        Assert.StartsWith("the note of the newest line is missing", (await VerifyAsync()).Fault);
    }

    [Fact]
    public async Task Log_of_another_key_does_not_pass()
    {
        await ThreeLinesAsync();
        _keys.Replace("privacy.key", new byte[32]);

        Assert.Contains("is not the one that belongs to this database", (await VerifyAsync()).Fault);

        File.Delete(_keys.PrivacyKeyFile);
        await Assert.ThrowsAsync<InvalidOperationException>(VerifyAsync);
        Assert.False(File.Exists(_keys.PrivacyKeyFile));
    }

    [Fact]
    public async Task Addresses_that_people_typed_are_hashes_in_the_log()
    {
        var log = Log();
        await log.AppendAsync(new("user:1", AuditAction.Reveal, "import:7", "Mrs Lovelace (Ada@Example.com) asked, see q=ada%40example.com&status=FAILED."), Stop);
        await log.AppendAsync(new("nobody", AuditAction.SignInFailed, "ADA@example.com "), Stop);

        var lines = await Queries.PageAsync(Reader.System, new(), null, 10, Stop);
        var hash = new PersonalHash(_keys).Of("ada@example.com");
        Assert.Matches("^hash:[0-9a-f]{8}$", hash);
        Assert.Equal($"Mrs Lovelace ({hash}) asked, see q={hash}&status=FAILED.", lines[1].Detail);
        Assert.Equal(hash, lines[0].Subject!.Trim());
        Assert.DoesNotContain(lines, l => $"{l.Subject}{l.Detail}".Contains("example", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("""asked by "ann lee"@example.com""")]
    [InlineData("asked by ann(of the shop)@example.com")]
    [InlineData("asked by ann@[192.0.2.7]")]
    [InlineData("asked by ann&co@example.com")]
    [InlineData("asked by ann@lee@example.com")]
    [InlineData("asked by ann＠example.com")]
    public void Whatever_an_address_looks_like_nothing_of_it_stays(string typed)
    {
        var logged = new PersonalHash(_keys).Without(typed);

        Assert.StartsWith("asked by hash:", logged, StringComparison.Ordinal);
        Assert.DoesNotMatch("ann|lee|shop|192|example", logged);
    }

    [Theory]
    [InlineData("<ada@example.com>")]
    [InlineData("mailto:ada@example.com?subject=x")]
    [InlineData("q=Ada@Example.com&sort=name")]
    [InlineData("'ada@example.com'")]
    [InlineData("It was ada@example.com.")]
    public void One_person_has_one_hash_wherever_the_address_stands(string typed)
    {
        var hashes = new PersonalHash(_keys);

        Assert.Contains(hashes.Of("ada@example.com"), hashes.Without(typed), StringComparison.Ordinal);
        Assert.DoesNotContain("ada", hashes.Without(typed), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Lines_are_found_by_action_actor_and_time_and_paged()
    {
        var log = Log();
        for (var i = 0; i < 5; i++)
        {
            await log.AppendAsync(new(i % 2 == 0 ? "user:1" : "key:2", i < 3 ? AuditAction.Export : AuditAction.Reveal), Stop);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var begun = _time.GetUtcNow() - TimeSpan.FromMinutes(5);
        Assert.Equal([3L, 1L], await RowsAsync(new(AuditAction.Export, "user:1")));
        Assert.Equal([4L, 2L], await RowsAsync(new(Actor: "key:2")));
        Assert.Equal([5L, 4L], await RowsAsync(new("-" + AuditAction.Export)));
        Assert.Equal([3L, 2L], await RowsAsync(new(From: begun + TimeSpan.FromMinutes(1), To: begun + TimeSpan.FromMinutes(3))));
        Assert.Equal([2L, 1L], (await Queries.PageAsync(Reader.System, new(), before: 3, 2, Stop)).Select(l => l.RowId));
        Assert.Equal(["key:2", "user:1"], await Queries.ActorsAsync(Reader.System, Stop));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Queries.PageAsync(Reader.System with { Role = Role.Operator }, new(), null, 1, Stop));
    }

    [Fact]
    public async Task Keys_belong_to_their_owner_alone_and_stay()
    {
        await ThreeLinesAsync();

        Assert.Equal(_keys.Key("a"), new KeyDirectory(_database.Connection).Key("a"));
        Assert.NotEqual(_keys.Key("a"), _keys.Key("b"));
        Assert.Equal(["audit.head", "privacy.key"], Directory.GetFiles(_keys.Path).Select(Path.GetFileName).Order());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_keys.Path));
            foreach (var file in Directory.GetFiles(_keys.Path))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    private static bool Same(AuditVerdict one, AuditVerdict other) => (one.Lines, one.Fault) == (other.Lines, other.Fault) && one.Gaps.SequenceEqual(other.Gaps);

    private AuditLog Log() => new(_database.Connection, new AuditChain(_keys), new PersonalHash(_keys), _time, _log);

    private async Task ThreeLinesAsync()
    {
        var log = Log();
        await log.AppendAsync(new("user:1", AuditAction.SignIn), Stop);
        await log.AppendAsync(new("user:2", "two", null, "yes"), Stop);
        await log.AppendAsync(new("user:1", AuditAction.SignOut), Stop);
    }

    private async Task<IEnumerable<long>> RowsAsync(AuditFilter filter) => (await Queries.PageAsync(Reader.System, filter, null, 10, Stop)).Select(l => l.RowId);

    private Task<AuditVerdict> VerifyAsync() => AuditCheck.VerifyAsync(_database.Connection.DataSource, new KeyDirectory(_database.Connection), Stop);
}
