using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Administrators look after people and keys, and after nothing that would leave nobody to do so.</summary>
public sealed class PeopleTests : IDisposable
{
    // The key of every program of the tests is its first.
    private static readonly Reader _administrator = new("key:1", Role.Administrator, null, false, IsKey: true);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DashboardApp _app;

    public PeopleTests() => _app = DashboardApp.Start(_time);

    public static TheoryData<Reader> WithoutTheRight => [Reader.Nobody, new Reader("user:1", Role.Viewer, null, false), new Reader("user:1", Role.Operator, null, true), new Reader("user:1", Role.Administrator, ["site-1"], false)];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private People People => _app.Services.GetRequiredService<People>();

    private KeyAdministration Keys => _app.Services.GetRequiredService<KeyAdministration>();

    private Links Links => _app.Services.GetRequiredService<Links>();

    private AccessDirectory Directory => _app.Services.GetRequiredService<AccessDirectory>();

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Theory, MemberData(nameof(WithoutTheRight), DisableDiscoveryEnumeration = true)]
    public async Task Everything_takes_an_administrator_of_all_sites(Reader reader)
    {
        var id = await _app.AddAsync("ann@example.com");
        Func<Task>[] asked =
        [
            () => People.ListAsync(reader, Stop), () => People.SitesAsync(reader, Stop), () => People.InviteAsync(reader, Role.Viewer, null, Stop), () => People.ResetLinkAsync(reader, id, Stop),
            () => People.ChangeAsync(reader, id, Role.Administrator, null, Stop), () => People.ShutAsync(reader, id, Stop), () => People.OpenAsync(reader, id, Stop),
            () => People.LinksAsync(reader, Stop), () => People.RevokeLinkAsync(reader, 1, Stop), () => People.TakeSecondFactorAsync(reader, id, Stop), () => People.RemoveAsync(reader, id, Stop),
            () => Keys.ListAsync(reader, Stop), () => Keys.MakeAsync(reader, "x", Role.Viewer, null, Stop), () => Keys.RevokeAsync(reader, 1, Stop),
        ];

        foreach (var ask in asked)
        {
            await Assert.ThrowsAsync<AccessDeniedException>(ask);
        }

        Assert.Empty(_app.Audit());
        Assert.Equal(Role.Viewer, Directory.Account(id)!.Role);
    }

    [Fact]
    public async Task Right_that_was_taken_while_the_database_was_busy_ends_as_soon_as_it_can_be_read()
    {
        var id = await _app.AddAsync("ann@example.com", Role.Operator);
        await using (var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop))
        {
            await database.Accounts.Where(a => a.Id == id).ExecuteUpdateAsync(set => set.SetProperty(a => a.Role, Role.Viewer), Stop);
            await database.Database.ExecuteSqlRawAsync("ALTER TABLE accounts RENAME TO elsewhere", Stop);
            await Assert.ThrowsAsync<SqliteException>(() => Directory.ReloadAsync(Stop));
            await Directory.TryCatchUpAsync();
            Assert.Equal(Role.Operator, Directory.Account(id)!.Role);
            await database.Database.ExecuteSqlRawAsync("ALTER TABLE elsewhere RENAME TO accounts", Stop);
        }

        await Directory.TryCatchUpAsync();

        Assert.Equal(Role.Viewer, Directory.Account(id)!.Role);
    }

    [Fact]
    public async Task List_tells_what_an_administrator_must_know()
    {
        await _app.AddAsync("bea@example.com", Role.Operator, change: a => (a.Sites, a.TwoFactorEnabled) = (["site-1"], true));
        var id = await _app.AddAsync("ann@example.com", Role.Administrator);
        using var ann = new Visitor(_app);
        (await ann.SignInAsync("ann@example.com")).Dispose();

        var list = await People.ListAsync(_administrator with { Actor = $"user:{id}" }, Stop);

        Assert.Equal(["ann@example.com", "bea@example.com"], list.Select(p => p.Email));
        Assert.True(list[0] is { IsYou: true, HasSecondFactor: false, Sites: null, Role: Role.Administrator } && list[0].LastSignIn is { } at && (_time.GetUtcNow() - at).Duration() < TimeSpan.FromSeconds(1));
        Assert.True(list[1] is { IsYou: false, HasSecondFactor: true, LastSignIn: null, Role: Role.Operator });
        Assert.Equal(["site-1"], list[1].Sites!);
    }

    [Fact]
    public async Task Other_role_and_sites_hold_at_once()
    {
        var id = await _app.AddAsync("ann@example.com");

        Assert.Null(await People.ChangeAsync(_administrator, id, Role.Operator, ["site-1"], Stop));

        Assert.Equal(Role.Operator, Directory.Account(id)!.Role);
        Assert.Equal(["site-1"], Directory.Account(id)!.Sites!);
        Assert.Equal((_administrator.Actor, $"user:{id}", "role Operator, site site-1"), _app.Audit(AuditAction.User).Select(a => (a.Actor, a.Subject, a.Detail)).Single());
    }

    [Fact]
    public async Task Shut_account_is_out_until_it_is_opened()
    {
        var id = await _app.AddAsync("ann@example.com");
        using var ann = new Visitor(_app);
        (await ann.SignInAsync("ann@example.com")).Dispose();

        Assert.Null(await People.ShutAsync(_administrator, id, Stop));
        Assert.False(await ann.IsInAsync());
        (await ann.SignInAsync("ann@example.com")).Dispose();
        Assert.False(await ann.IsInAsync());
        Assert.Null(await People.ResetLinkAsync(_administrator, id, Stop));

        Assert.Null(await People.OpenAsync(_administrator, id, Stop));
        Assert.False(await ann.IsInAsync());
        (await ann.SignInAsync("ann@example.com")).Dispose();
        Assert.True(await ann.IsInAsync());
    }

    [Fact]
    public async Task Removed_account_is_out_and_its_address_free_again()
    {
        var id = await _app.AddAsync("ann@example.com");
        using var ann = new Visitor(_app);
        (await ann.SignInAsync("ann@example.com")).Dispose();

        Assert.Null(await People.RemoveAsync(_administrator, id, Stop));

        Assert.False(await ann.IsInAsync());
        Assert.Null(Directory.Account(id));
        Assert.NotEqual(id, await _app.AddAsync("ann@example.com"));
        Assert.NotNull(await People.RemoveAsync(_administrator, id, Stop));
    }

    [Fact]
    public async Task Last_administrator_of_all_sites_stays()
    {
        var id = await _app.AddAsync("ann@example.com", Role.Administrator);
        await _app.AddAsync("limited@example.com", Role.Administrator, change: a => a.Sites = ["site-1"]);
        await _app.AddAsync("shut@example.com", Role.Administrator, change: a => a.Disabled = DateTimeOffset.UnixEpoch);
        await _app.Services.SignInAsync(email: "developer@localhost");

        Assert.NotNull(await People.ShutAsync(_administrator, id, Stop));
        Assert.NotNull(await People.RemoveAsync(_administrator, id, Stop));
        Assert.NotNull(await People.ChangeAsync(_administrator, id, Role.Operator, null, Stop));
        Assert.NotNull(await People.ChangeAsync(_administrator, id, Role.Administrator, ["site-1"], Stop));
        Assert.True(Directory.Account(id) is { Role: Role.Administrator, Sites: null });

        await _app.AddAsync("bea@example.com", Role.Administrator);
        Assert.Null(await People.ShutAsync(_administrator, id, Stop));
    }

    [Fact]
    public async Task Of_administrators_who_shut_one_another_at_once_one_stays()
    {
        long[] ids = [await _app.AddAsync("a@example.com", Role.Administrator), await _app.AddAsync("b@example.com", Role.Administrator), await _app.AddAsync("c@example.com", Role.Administrator)];

        var faults = await Task.WhenAll(ids.Select(id => Task.Run(() => People.ShutAsync(_administrator, id, Stop), Stop)));

        Assert.Single(faults, fault => fault is not null);
        Assert.Single(ids, id => Directory.Account(id)!.Role == Role.Administrator);
    }

    [Fact]
    public async Task Links_made_here_work_and_are_audited_without_their_secret()
    {
        var id = await _app.AddAsync("ann@example.com");
        var invite = await People.InviteAsync(_administrator, Role.Operator, ["site-1"], Stop);
        var reset = await People.ResetLinkAsync(_administrator, id, Stop);

        using var visitor = new Visitor(_app);
        Assert.NotNull((await visitor.ReadAsync(invite)).QuerySelector("form"));
        Assert.NotNull((await visitor.ReadAsync(reset!)).QuerySelector("form"));
        Assert.Equal(2, _app.Audit(AuditAction.Link).Count);
        Assert.DoesNotContain(_app.Audit(), line => line.Detail!.Contains(invite[^10..], StringComparison.Ordinal) || line.Detail.Contains(reset![^10..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Links_work_while_whoever_made_them_could_make_them_again()
    {
        var id = await _app.AddAsync("ann@example.com");
        var maker = await _app.AddAsync("bea@example.com", Role.Administrator);
        await _app.AddAsync("cid@example.com", Role.Administrator);
        Func<Task<string?>>[] losses =
        [
            () => People.ChangeAsync(_administrator, maker, Role.Operator, null, Stop), () => People.ChangeAsync(_administrator, maker, Role.Administrator, ["site-1"], Stop),
            () => People.ShutAsync(_administrator, maker, Stop), () => People.RemoveAsync(_administrator, maker, Stop),
        ];

        foreach (var lose in losses)
        {
            var bea = new Reader($"user:{maker}", Role.Administrator, null, false);
            string[] links = [await People.InviteAsync(bea, Role.Administrator, null, Stop), (await People.ResetLinkAsync(bea, id, Stop))!];
            Assert.Equal(2, (await People.LinksAsync(_administrator, Stop)).Count);
            Assert.NotNull(await FindAsync(links[0]));
            Assert.NotNull(await FindAsync(links[1]));

            Assert.Null(await lose());

            Assert.Empty(await People.LinksAsync(_administrator, Stop));
            Assert.Null(await FindAsync(links[0]));
            Assert.Null(await FindAsync(links[1]));
            await People.OpenAsync(_administrator, maker, Stop);
            await People.ChangeAsync(_administrator, maker, Role.Administrator, null, Stop);
            foreach (var link in await People.LinksAsync(_administrator, Stop))
            {
                await People.RevokeLinkAsync(_administrator, link.RowId, Stop);
            }
        }
    }

    [Fact]
    public async Task Link_that_loses_its_maker_while_the_form_is_open_makes_nothing()
    {
        var maker = await _app.AddAsync("bea@example.com", Role.Administrator);
        await _app.AddAsync("cid@example.com", Role.Administrator);
        var found = await FindAsync(await People.InviteAsync(new($"user:{maker}", Role.Administrator, null, false), Role.Administrator, null, Stop));

        await People.ShutAsync(_administrator, maker, Stop);

        Assert.False(await Links.UseAsync(found!, Stop));
    }

    [Fact]
    public async Task Links_of_a_revoked_key_work_no_longer()
    {
        var key = (await _app.Services.GetRequiredService<ApiKeys>().MakeAsync("invites", Role.Administrator, null, Stop)).RowId;
        var link = await People.InviteAsync(new($"key:{key}", Role.Administrator, null, false, IsKey: true), Role.Administrator, null, Stop);
        Assert.NotNull(await FindAsync(link));

        await Keys.RevokeAsync(_administrator, key, Stop);

        Assert.Null(await FindAsync(link));
    }

    [Fact]
    public async Task Link_is_revoked_and_that_is_audited()
    {
        var link = await People.InviteAsync(_administrator, Role.Operator, null, Stop);
        var row = Assert.Single(await People.LinksAsync(_administrator, Stop));
        Assert.Equal((_administrator.Actor, Role.Operator), (row.MadeBy, row.Role));

        Assert.Null(await People.RevokeLinkAsync(_administrator, row.RowId, Stop));

        Assert.Null(await FindAsync(link));
        Assert.Empty(await People.LinksAsync(_administrator, Stop));
        Assert.Equal(($"link:{row.RowId}", "revoked"), _app.Audit(AuditAction.Link).Select(a => (a.Subject!, a.Detail!)).Last());
        Assert.NotNull(await People.RevokeLinkAsync(_administrator, row.RowId, Stop));
    }

    [Fact]
    public async Task Request_that_read_an_account_before_a_change_does_not_undo_it()
    {
        var id = await _app.AddAsync("ann@example.com", Role.Administrator);
        await _app.AddAsync("bea@example.com", Role.Administrator);
        Func<Task<string?>>[] changes =
        [
            () => People.ChangeAsync(_administrator, id, Role.Viewer, ["site-1"], Stop), () => People.ShutAsync(_administrator, id, Stop), () => People.OpenAsync(_administrator, id, Stop),
            () => People.TakeSecondFactorAsync(_administrator, id, Stop),
        ];

        foreach (var change in changes)
        {
            await using var scope = _app.Services.CreateAsyncScope();
            var users = scope.ServiceProvider.GetRequiredService<Accounts>();
            var before = (await users.FindByNameAsync("ann@example.com"))!;

            Assert.Null(await change());

            Assert.False((await users.UpdateSecurityStampAsync(before)).Succeeded);
        }

        Assert.Equal(Role.Viewer, Directory.Account(id)!.Role);
    }

    [Fact]
    public async Task Second_factor_is_taken_away_with_its_key_and_codes()
    {
        var id = await _app.AddAsync("ann@example.com", change: a => a.TwoFactorEnabled = true);
        await using (var scope = _app.Services.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<Accounts>();
            var account = (await users.FindByNameAsync("ann@example.com"))!;
            await users.ResetAuthenticatorKeyAsync(account);
            await users.GenerateNewTwoFactorRecoveryCodesAsync(account, 10);
        }

        Assert.Null(await People.TakeSecondFactorAsync(_administrator, id, Stop));

        await using var later = _app.Services.CreateAsyncScope();
        var accounts = later.ServiceProvider.GetRequiredService<Accounts>();
        var found = (await accounts.FindByNameAsync("ann@example.com"))!;
        Assert.False(found.TwoFactorEnabled);
        Assert.Null(await accounts.GetAuthenticatorKeyAsync(found));
        Assert.Equal(0, await accounts.CountRecoveryCodesAsync(found));
    }

    [Fact]
    public async Task Key_works_until_it_is_revoked_and_is_told_once()
    {
        Assert.NotNull((await Keys.MakeAsync(_administrator, "  ", Role.Viewer, null, Stop)).Fault);
        var (key, fault) = await Keys.MakeAsync(_administrator, "report", Role.Viewer, null, Stop);
        Assert.Null(fault);
        using var script = _app.ClientOf(null).WithKey(key!);
        Assert.True((await script.GetAsync("/api/imports", Stop)).IsSuccessStatusCode);
        var row = (await Keys.ListAsync(_administrator, Stop)).Single(k => k.Name == "report");

        Assert.Null(await Keys.RevokeAsync(_administrator, row.RowId, Stop));

        Assert.False((await script.GetAsync("/api/imports", Stop)).IsSuccessStatusCode);
        Assert.NotNull(await Keys.RevokeAsync(_administrator, row.RowId, Stop));
        var configured = (await Keys.ListAsync(_administrator, Stop)).Single(k => k.IsConfigured);
        Assert.NotNull(await Keys.RevokeAsync(_administrator, configured.RowId, Stop));
        Assert.DoesNotContain(_app.Audit(), line => line.Detail!.Contains(key![^10..], StringComparison.Ordinal));
    }

    private Task<OneTimeLinkRecord?> FindAsync(string link) => Links.FindAsync(link[LoyaltyDashboard.Access.Links.Path.Length..], Stop);
}
