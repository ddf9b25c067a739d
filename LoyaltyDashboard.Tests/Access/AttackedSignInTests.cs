using System.Net;
using System.Net.Sockets;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>What somebody tries at the sign-in who is not to get in, is not to learn anything, and is not to keep others out.</summary>
public sealed class AttackedSignInTests : IDisposable
{
    private const string Email = "ann@example.com";
    private const string Another = "seven amber otters juggle";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly WatchedHasher _hasher = new();
    private readonly DashboardApp _app;
    private readonly Visitor _ann;

    public AttackedSignInTests()
    {
        _app = DashboardApp.Start(_time, services: services => services.AddSingleton<IPasswordHasher<Account>>(_hasher).AddScoped<IPasskeyHandler<Account>, TrustingPasskeys>());
        _ann = new(_app);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ann.Dispose();
        ((IDisposable)_app).Dispose();
    }

    [Fact]
    public async Task Forms_that_come_slowly_keep_nobody_from_signing_in()
    {
        await _app.AddAsync(Email);
        var address = _app.Client.BaseAddress!;
        var slow = new List<TcpClient>();
        for (var i = 0; i < PasswordTurns.Most; i++)
        {
            slow.Add(new());
            await slow[i].ConnectAsync(address.Host, address.Port, Stop);
            await slow[i].GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /sign-in HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"), Stop);

            // The program begins to read the form, so it is past every limit.
            using var answer = new StreamReader(slow[i].GetStream(), leaveOpen: true);
            Assert.StartsWith("HTTP/1.1 100", await answer.ReadLineAsync(Stop), StringComparison.Ordinal);
        }

        (await _ann.SignInAsync(Email)).Dispose();

        Assert.True(await _ann.IsInAsync());
        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Passwords_are_looked_at_in_turn_however_many_try()
    {
        await _app.AddAsync(Email);
        var page = await _ann.ReadAsync("/sign-in");
        var fields = Visitor.HiddenFields(page, "sign-in").Concat([("email", "nobody@example.com"), ("password", "wrong")]).ToList();

        await Task.WhenAll(Enumerable.Range(0, 4 * (PasswordTurns.Most + 1)).Select(async _ => (await _ann.PostAsync("/sign-in", fields)).Dispose()));

        Assert.InRange(_hasher.MostAtOnce, 1, PasswordTurns.Most);
    }

    [Fact]
    public async Task Whom_the_queue_for_passwords_has_no_room_for_is_told_to_come_again()
    {
        await _app.AddAsync(Email);
        var page = await _ann.ReadAsync("/sign-in");
        var fields = Visitor.HiddenFields(page, "sign-in").Concat([("email", "nobody@example.com"), ("password", "wrong")]).ToList();
        var turns = _app.Services.GetRequiredService<PasswordTurns>();
        var taken = Enumerable.Range(0, PasswordTurns.Most + PasswordTurns.MostWaiting).Select(_ => turns.TakeAsync()).ToList();

        using (var refused = await _ann.PostAsync("/sign-in", fields))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        foreach (var turn in taken)
        {
            (await turn).Dispose();
        }

        using var looked = await _ann.PostAsync("/sign-in", fields);
        Assert.Equal(HttpStatusCode.OK, looked.StatusCode);
    }

    [Fact]
    public async Task Every_address_costs_the_same_whether_it_has_an_account_that_is_open_or_not()
    {
        await _app.AddAsync(Email);
        await _app.AddAsync("shut@example.com", change: a => a.Disabled = DateTimeOffset.UnixEpoch);
        await _app.AddAsync("locked@example.com", change: a => a.LockoutEnd = DateTimeOffset.MaxValue);
        await _app.AddAsync("none@example.com", Role.None);
        await _app.Services.SignInAsync(email: "passkey@example.com");

        foreach (var email in (string[])[Email, "nobody@example.com", "shut@example.com", "locked@example.com", "none@example.com", "passkey@example.com"])
        {
            var before = _hasher.Looked;
            (await _ann.SignInAsync(email, "wrong")).Dispose();
            Assert.Equal((email, 1), (email, _hasher.Looked - before));
        }
    }

    [Fact]
    public async Task Whoever_hangs_up_is_audited_all_the_same()
    {
        await _app.AddAsync(Email);
        var fields = Visitor.HiddenFields(await _ann.ReadAsync("/sign-in"), "sign-in").Concat([("email", Email), ("password", "wrong")]).Select(f => KeyValuePair.Create(f.Item1, f.Item2));
        using var hangsUp = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        _hasher.OnLook = () =>
        {
            var context = _app.Services.GetRequiredService<IHttpContextAccessor>().HttpContext!;
            context.Response.OnCompleted(() =>
            {
                ended.TrySetResult();
                return Task.CompletedTask;
            });
            hangsUp.Cancel();
            context.RequestAborted.WaitHandle.WaitOne();
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => (await _ann.Client.PostAsync("/sign-in", new FormUrlEncodedContent(fields), hangsUp.Token)).Dispose());

        await ended.Task.WaitAsync(Stop);
        Assert.Equal(AuditAction.SignInFailed, Assert.Single(_app.Audit()).Action);
    }

    [Fact]
    public async Task Reset_goes_to_its_end_whoever_hangs_up_and_leaves_no_way_in_from_before()
    {
        var id = await _app.AddAsync(Email, change: a => a.TwoFactorEnabled = true);
        using var before = _app.ClientOf(await _app.Services.SignInAsync(email: Email));
        Assert.True((await before.GetAsync("/", Stop)).IsSuccessStatusCode);
        await using var scope = _app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<Accounts>();
        var account = (await users.FindByIdAsync(TrustingPasskeys.Of(id)))!;
        await users.AddOrUpdatePasskeyAsync(account, TrustingPasskeys.Passkey(TrustingPasskeys.Of(id)));
        var link = await _app.Services.GetRequiredService<Links>().ForResetAsync(id, Stop);
        using var hangsUp = new CancellationTokenSource();
        _hasher.OnHash = hangsUp.Cancel;

        await scope.ServiceProvider.GetRequiredService<Entry>().SetPasswordAsync(link[Links.Path.Length..], Another, hangsUp.Token);

        Assert.True(hangsUp.IsCancellationRequested);
        Assert.False((await before.GetAsync("/", Stop)).IsSuccessStatusCode);
        Assert.Empty(await users.GetPasskeysAsync(account));
        Assert.Single(_app.Audit(AuditAction.Link));
    }

    [Fact]
    public async Task Rubbish_has_so_many_lines_a_minute_and_the_rest_one()
    {
        var failed = _app.Services.GetRequiredService<FailedSignIns>();
        for (var i = 0; i < FailedSignIns.MostPerMinute + 40; i++)
        {
            await failed.NoteAsync(new("nobody", AuditAction.SignInFailed, null, "rubbish"));
        }

        await failed.NoteAsync(new("nobody", AuditAction.SignInFailed, "user:1", "aimed"));
        Assert.Equal(FailedSignIns.MostPerMinute, _app.Audit().Count(line => line.Detail == "rubbish"));
        Assert.Single(_app.Audit(), line => line.Detail == "aimed");

        _time.Advance(TimeSpan.FromMinutes(1));
        await failed.NoteAsync(new("nobody", AuditAction.SignInFailed, null, "rubbish"));

        Assert.Equal(["40 more in one minute, without a line each", "rubbish"], _app.Audit(AuditAction.SignInFailed).TakeLast(2).Select(line => line.Detail));
    }

    [Fact]
    public async Task Passkey_forms_without_a_question_fill_no_log()
    {
        await _app.AddAsync(Email);
        var fields = Visitor.HiddenFields(await _ann.ReadAsync("/sign-in"), "passkey").Concat([("credential", "x")]).ToList();
        var failed = _app.Services.GetRequiredService<FailedSignIns>();
        for (var i = 0; i < FailedSignIns.MostPerMinute; i++)
        {
            await failed.NoteAsync(new("nobody", AuditAction.SignInFailed, null, "rubbish"));
        }

        (await _ann.PostAsync("/sign-in", fields)).Dispose();

        Assert.Equal(FailedSignIns.MostPerMinute, _app.Audit().Count);
    }

    [Fact]
    public async Task Wrong_passwords_of_others_keep_nobody_out_who_has_a_passkey()
    {
        var id = await _app.AddAsync(Email, change: a => a.LockoutEnd = DateTimeOffset.MaxValue);
        await _app.AddAsync("shut@example.com", change: a => a.Disabled = DateTimeOffset.UnixEpoch);

        await SignInByPasskeyAsync(_app.Services.AccountId("shut@example.com"));
        Assert.False(await _ann.IsInAsync());
        await SignInByPasskeyAsync(id);
        Assert.True(await _ann.IsInAsync());
    }

    [Fact]
    public async Task Passkey_is_added_by_whoever_knows_the_password()
    {
        var id = await _app.AddAsync(Email);
        (await _ann.SignInAsync(Email)).Dispose();

        Assert.Equal((0, 1), (await AddPasskeyAsync(id, "wrong"), await AddPasskeyAsync(id, Visitor.GoodPassword)));
    }

    private async Task SignInByPasskeyAsync(long id)
    {
        var fields = Visitor.HiddenFields(await _ann.ReadAsync("/sign-in"), "passkey");
        (await _ann.PostAsync("/sign-in/passkey-options", fields)).Dispose();
        (await _ann.PostAsync("/sign-in", fields.Concat([("credential", TrustingPasskeys.Of(id))]))).Dispose();
    }

    // How many the account has then.
    private async Task<int> AddPasskeyAsync(long id, string? password)
    {
        var fields = Visitor.HiddenFields(await _ann.ReadAsync("/account"), "passkey-add");
        (await _ann.PostAsync("/account/passkey-options", fields)).Dispose();
        (await _ann.PostAsync("/account", fields.Concat([("credential", TrustingPasskeys.Of(id)), ("name", "Laptop"), ("password", password ?? string.Empty)]))).Dispose();
        await using var scope = _app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<Accounts>();
        return (await users.GetPasskeysAsync((await users.FindByIdAsync(TrustingPasskeys.Of(id)))!)).Count;
    }
}
