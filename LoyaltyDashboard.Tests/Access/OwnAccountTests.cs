using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>People look after their own way in: password, second factor, sessions.</summary>
public sealed class OwnAccountTests : IAsyncLifetime
{
    private const string Email = "ann@example.com";
    private const string Another = "seven amber otters juggle";

    private readonly DashboardApp _app = DashboardApp.Start();
    private readonly Visitor _ann;
    private readonly Visitor _elsewhere;

    public OwnAccountTests() => (_ann, _elsewhere) = (new(_app), new(_app));

    public async ValueTask InitializeAsync()
    {
        await _app.AddAsync(Email);
        (await _ann.SignInAsync(Email)).Dispose();
        (await _elsewhere.SignInAsync(Email)).Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _ann.Dispose();
        _elsewhere.Dispose();
        ((IDisposable)_app).Dispose();
        return default;
    }

    [Fact]
    public async Task New_password_takes_the_old_one_and_ends_all_other_sessions()
    {
        using var wrong = await ChangePasswordAsync("not it", Another, Another);
        Assert.Contains("not right", await FaultAsync(wrong), StringComparison.Ordinal);
        using var differ = await ChangePasswordAsync(Visitor.GoodPassword, Another, Another + "!");
        Assert.Contains("differ", await FaultAsync(differ), StringComparison.Ordinal);
        using var tooShort = await ChangePasswordAsync(Visitor.GoodPassword, "short", "short");
        Assert.Contains("12", await FaultAsync(tooShort), StringComparison.Ordinal);
        Assert.True(await _elsewhere.IsInAsync());

        (await ChangePasswordAsync(Visitor.GoodPassword, Another, Another)).Dispose();

        Assert.True(await _ann.IsInAsync());
        Assert.False(await _elsewhere.IsInAsync());
        (await _elsewhere.SignInAsync(Email)).Dispose();
        Assert.False(await _elsewhere.IsInAsync());
        (await _elsewhere.SignInAsync(Email, Another)).Dispose();
        Assert.True(await _elsewhere.IsInAsync());
        Assert.Contains(_app.Audit(AuditAction.User), line => line.Detail == "changed the password");
    }

    [Fact]
    public async Task Wrong_passwords_on_the_own_page_count_as_on_the_sign_in()
    {
        for (var i = 0; i < 5; i++)
        {
            (await ChangePasswordAsync("not it", Another, Another)).Dispose();
        }

        using var answer = await ChangePasswordAsync(Visitor.GoodPassword, Another, Another);
        Assert.Contains("closed", await FaultAsync(answer), StringComparison.Ordinal);
        Assert.Equal((4, 1), (_app.Audit(AuditAction.SignInFailed).Count(line => line.Detail == "wrong password on the own page"), _app.Audit(AuditAction.LockedOut).Count));
    }

    [Fact]
    public async Task Second_factor_is_asked_for_once_it_is_on_and_each_recovery_code_works_once()
    {
        using var wrong = await _ann.SubmitAsync("/account", "two-factor-on", ("password", Visitor.GoodPassword), ("code", "000000"));
        Assert.Contains("code", await FaultAsync(wrong), StringComparison.Ordinal);
        var page = await _ann.ReadAsync("/account");
        var key = page.QuerySelector("[data-key]")!.TextContent;
        Assert.NotNull(page.QuerySelector(".qr svg"));

        using var on = await _ann.SubmitAsync("/account", "two-factor-on", ("password", Visitor.GoodPassword), ("code", AuthenticatorApp.Code(key)));
        var codes = (await Visitor.ReadAsync(on)).QuerySelectorAll(".codes li").Select(li => li.TextContent).ToList();
        Assert.Equal(10, codes.Distinct().Count());
        Assert.True(await _ann.IsInAsync());
        Assert.False(await _elsewhere.IsInAsync());
        Assert.DoesNotContain(codes[0], (await _ann.ReadAsync("/account")).Body!.TextContent, StringComparison.Ordinal);

        using var asked = await _elsewhere.SignInAsync(Email, path: "/sign-in?returnUrl=%2Fsites");
        var second = Path(asked);
        Assert.StartsWith("/sign-in/two-factor", second, StringComparison.Ordinal);
        Assert.False(await _elsewhere.IsInAsync());
        using var refused = await _elsewhere.SubmitAsync(second, "two-factor", ("code", "000000"));
        Assert.False(await _elsewhere.IsInAsync());
        using var done = await _elsewhere.SubmitAsync(second, "two-factor", ("code", AuthenticatorApp.Code(key)));
        Assert.Equal("/sites", Path(done));
        Assert.True(await _elsewhere.IsInAsync());

        // However it is typed.
        foreach (var (typed, isGood) in ((string, bool)[])[(codes[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal), true), (codes[3], false)])
        {
            using var visitor = new Visitor(_app);
            (await visitor.SignInAsync(Email)).Dispose();
            (await visitor.SubmitAsync("/sign-in/recovery-code", "recovery-code", ("code", typed))).Dispose();
            Assert.Equal(isGood, await visitor.IsInAsync());
        }

        Assert.Contains("9 recovery codes are left", (await _ann.ReadAsync("/account")).Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_of_an_app_signs_in_once()
    {
        var key = (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent;
        (await _ann.SubmitAsync("/account", "two-factor-on", ("password", Visitor.GoodPassword), ("code", AuthenticatorApp.Code(key)))).Dispose();
        var code = AuthenticatorApp.Code(key);
        foreach (var (typed, isGood) in ((string, bool)[])[(code, true), ("0" + code, false), (code, false)])
        {
            using var visitor = new Visitor(_app);
            (await visitor.SignInAsync(Email)).Dispose();
            (await visitor.SubmitAsync("/sign-in/two-factor", "two-factor", ("code", typed))).Dispose();
            Assert.Equal(isGood, await visitor.IsInAsync());
        }

        Assert.Equal("code that was used before", _app.Audit(AuditAction.SignInFailed)[^1].Detail);
    }

    [Fact]
    public async Task Second_factor_is_turned_off_by_whoever_knows_the_password()
    {
        var key = (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent;
        (await _ann.SubmitAsync("/account", "two-factor-on", ("password", Visitor.GoodPassword), ("code", AuthenticatorApp.Code(key)))).Dispose();

        using var wrong = await _ann.SubmitAsync("/account", "two-factor", ("password", "not it"), ("do", "off"));
        Assert.Contains("not right", await FaultAsync(wrong), StringComparison.Ordinal);
        using var codes = await _ann.SubmitAsync("/account", "two-factor", ("password", Visitor.GoodPassword), ("do", "codes"));
        Assert.Equal(10, (await Visitor.ReadAsync(codes)).QuerySelectorAll(".codes li").Length);
        (await _ann.SubmitAsync("/account", "two-factor", ("password", Visitor.GoodPassword), ("do", "off"))).Dispose();

        await using (var scope = _app.Services.CreateAsyncScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<Accounts>();
            Assert.Equal(0, await users.CountRecoveryCodesAsync((await users.FindByNameAsync(Email))!));
        }

        Assert.NotEqual(key, (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent);
        (await _elsewhere.SignInAsync(Email)).Dispose();
        Assert.True(await _elsewhere.IsInAsync());
        Assert.Equal(["turned the second factor on", "made new recovery codes", "turned the second factor off"], _app.Audit(AuditAction.User).Select(a => a.Detail));
    }

    [Fact]
    public async Task Wrong_codes_close_the_account()
    {
        var key = (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent;
        (await _ann.SubmitAsync("/account", "two-factor-on", ("password", Visitor.GoodPassword), ("code", AuthenticatorApp.Code(key)))).Dispose();
        (await _elsewhere.SignInAsync(Email)).Dispose();
        for (var i = 0; i < 5; i++)
        {
            (await _elsewhere.SubmitAsync("/sign-in/recovery-code", "recovery-code", ("code", "AAAAA-AAAAA"))).Dispose();
        }

        (await _elsewhere.SubmitAsync("/sign-in/two-factor", "two-factor", ("code", AuthenticatorApp.Code(key)))).Dispose();

        Assert.False(await _elsewhere.IsInAsync());
        Assert.Equal(2, _app.Audit(AuditAction.LockedOut).Count);
    }

    [Fact]
    public async Task Second_factor_is_turned_on_by_whoever_knows_the_password()
    {
        var key = (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent;

        using var refused = await _ann.SubmitAsync("/account", "two-factor-on", ("password", "not it"), ("code", AuthenticatorApp.Code(key)));

        Assert.Contains("not right", await FaultAsync(refused), StringComparison.Ordinal);
        Assert.True(await _elsewhere.IsInAsync());
        using var later = new Visitor(_app);
        (await later.SignInAsync(Email)).Dispose();
        Assert.True(await later.IsInAsync());
    }

    [Fact]
    public async Task Whoever_is_thrown_out_does_not_know_the_key_that_comes()
    {
        var seen = (await _elsewhere.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent;

        (await _ann.SubmitAsync("/account", "elsewhere")).Dispose();

        Assert.NotEqual(seen, (await _ann.ReadAsync("/account")).QuerySelector("[data-key]")!.TextContent);
    }

    [Fact]
    public async Task All_other_sessions_end_when_asked()
    {
        (await _ann.SubmitAsync("/account", "elsewhere")).Dispose();

        Assert.True(await _ann.IsInAsync());
        Assert.False(await _elsewhere.IsInAsync());
    }

    [Fact]
    public async Task Each_form_takes_its_token()
    {
        foreach (var form in (string[])["password", "two-factor-on", "two-factor", "passkey-add", "elsewhere"])
        {
            using var answer = await _ann.PostAsync("/account", [("_handler", form), ("current", Visitor.GoodPassword), ("password", Another), ("again", Another)]);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using var options = await _ann.PostAsync("/account/passkey-options", []);
        Assert.Equal(HttpStatusCode.BadRequest, options.StatusCode);
        Assert.True(await _elsewhere.IsInAsync());
    }

    private static string Path(HttpResponseMessage answer) => answer.Headers.Location is { IsAbsoluteUri: true } address ? address.PathAndQuery : answer.Headers.Location!.OriginalString;

    private static async Task<string> FaultAsync(HttpResponseMessage answer) => (await Visitor.ReadAsync(answer)).QuerySelector("[role=alert]:not([hidden])")!.TextContent;

    private Task<HttpResponseMessage> ChangePasswordAsync(string current, string password, string again) => _ann.SubmitAsync("/account", "password", ("current", current), ("password", password), ("again", again));
}
