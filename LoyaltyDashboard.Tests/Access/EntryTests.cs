using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>One-time links: each works once, for a while, and does what it was made for.</summary>
public sealed class EntryTests : IDisposable
{
    private const string Email = "ann@example.com";
    private const string Another = "seven amber otters juggle";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DashboardApp _app;
    private readonly Visitor _ann;

    public EntryTests()
    {
        _app = DashboardApp.Start(_time);
        _ann = new(_app);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Links Links => _app.Services.GetRequiredService<Links>();

    private AccessDirectory Directory => _app.Services.GetRequiredService<AccessDirectory>();

    public void Dispose()
    {
        _ann.Dispose();
        ((IDisposable)_app).Dispose();
    }

    [Fact]
    public async Task First_administrator_comes_by_the_link_and_is_signed_in()
    {
        var link = await Links.ForAdministratorAsync(Stop);

        using var answer = await MakeAsync(_ann, link);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.True(await _ann.IsInAsync());
        var account = Directory.Account(_app.Services.AccountId(Email))!;
        Assert.Equal((Role.Administrator, null), (account.Role, account.Sites));
        Assert.Equal([AuditAction.Link, AuditAction.User, AuditAction.SignIn], _app.Audit().Select(a => a.Action));
        using var again = new Visitor(_app);
        (await again.SignInAsync(Email)).Dispose();
        Assert.True(await again.IsInAsync());
    }

    [Fact]
    public async Task Invited_get_the_role_and_sites_of_the_link_and_no_others()
    {
        var link = await Links.ForInviteAsync(Role.Operator, ["site-1"], Stop);
        var page = await _ann.ReadAsync(link);
        Assert.Contains("Operator, for one site", page.Body!.TextContent, StringComparison.Ordinal);

        (await _ann.PostAsync(link, Visitor.HiddenFields(page, "enter").Concat([("email", Email), ("password", Visitor.GoodPassword), ("again", Visitor.GoodPassword), ("role", "Administrator"), ("Role", "3")]))).Dispose();

        var account = Directory.Account(_app.Services.AccountId(Email))!;
        Assert.Equal(Role.Operator, account.Role);
        Assert.Equal(["site-1"], account.Sites!);
    }

    [Fact]
    public async Task Opening_a_link_uses_nothing_up_and_neither_does_a_mistake()
    {
        var link = await Links.ForAdministratorAsync(Stop);
        await _ann.ReadAsync(link);

        foreach (var (email, password, again, says) in ((string, string, string, string)[])[
            (Email, "short", "short", "12"), (Email, Visitor.GoodPassword, "another", "differ"), ("no address", Visitor.GoodPassword, Visitor.GoodPassword, "no e-mail address")])
        {
            using var refused = await _ann.SubmitAsync(link, "enter", ("email", email), ("password", password), ("again", again));
            Assert.Contains(says, (await Visitor.ReadAsync(refused)).QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        }

        Assert.True(Directory.IsEmpty);
        (await MakeAsync(_ann, link)).Dispose();
        Assert.True(await _ann.IsInAsync());
    }

    [Fact]
    public async Task Used_expired_replaced_and_unknown_links_say_so_on_one_page()
    {
        var used = await Links.ForAdministratorAsync(Stop);
        (await MakeAsync(_ann, used)).Dispose();
        var replaced = await Links.ForAdministratorAsync(Stop);
        var expired = await Links.ForAdministratorAsync(Stop);
        _time.Advance(Links.AdministratorLength);

        foreach (var link in (string[])[used, replaced, expired, "/enter/never-made"])
        {
            var page = await _ann.ReadAsync(link);
            Assert.Equal("This link works no longer", page.QuerySelector("h1")!.TextContent);
            Assert.Empty(page.QuerySelectorAll("form"));
        }
    }

    [Fact]
    public async Task Link_whose_time_ends_while_the_form_is_open_makes_nothing()
    {
        var link = await Links.ForAdministratorAsync(Stop);
        var fields = Fields(await _ann.ReadAsync(link), Email);
        _time.Advance(Links.AdministratorLength);

        using var answer = await _ann.PostAsync(link, fields);

        Assert.True(Directory.IsEmpty);
    }

    [Fact]
    public async Task Of_many_who_use_a_link_at_once_one_wins()
    {
        var link = await Links.ForInviteAsync(Role.Viewer, null, Stop);
        var visitors = Enumerable.Range(0, 8).Select(_ => new Visitor(_app)).ToList();
        var forms = new List<List<(string, string)>>();
        foreach (var (visitor, i) in visitors.Select((v, i) => (v, i)))
        {
            forms.Add(Fields(await visitor.ReadAsync(link), $"visitor-{i}@example.com"));
        }

        await Task.WhenAll(visitors.Select(async (visitor, i) => (await visitor.PostAsync(link, forms[i])).Dispose()));

        var wins = 0;
        foreach (var visitor in visitors)
        {
            wins += await visitor.IsInAsync() ? 1 : 0;
            visitor.Dispose();
        }

        Assert.Equal(1, wins);
        Assert.Single(_app.Audit(AuditAction.Link));
    }

    [Fact]
    public async Task Reset_sets_the_password_opens_the_account_and_ends_all_its_sessions()
    {
        var id = await _app.AddAsync(Email);
        using var before = new Visitor(_app);
        (await before.SignInAsync(Email)).Dispose();
        for (var i = 0; i < 5; i++)
        {
            (await _ann.SignInAsync(Email, "wrong")).Dispose();
        }

        var link = await Links.ForResetAsync(id, Stop);
        Assert.Contains(Email, (await _ann.ReadAsync(link)).Body!.TextContent, StringComparison.Ordinal);
        (await _ann.SubmitAsync(link, "enter", ("password", Another), ("again", Another))).Dispose();

        Assert.True(await _ann.IsInAsync());
        Assert.False(await before.IsInAsync());
        using var old = new Visitor(_app);
        (await old.SignInAsync(Email)).Dispose();
        Assert.False(await old.IsInAsync());
        (await old.SignInAsync(Email, Another)).Dispose();
        Assert.True(await old.IsInAsync());
    }

    [Fact]
    public async Task Reset_does_not_get_past_a_second_factor()
    {
        var id = await _app.AddAsync(Email, change: a => a.TwoFactorEnabled = true);

        using var answer = await _ann.SubmitAsync(await Links.ForResetAsync(id, Stop), "enter", ("password", Another), ("again", Another));

        Assert.False(await _ann.IsInAsync());
    }

    [Fact]
    public async Task Reset_of_an_account_that_was_shut_works_no_longer()
    {
        var id = await _app.AddAsync(Email);
        var link = await Links.ForResetAsync(id, Stop);
        await _app.Services.ChangeAsync(Email, a => a.Disabled = DateTimeOffset.UnixEpoch);

        Assert.Empty((await _ann.ReadAsync(link)).QuerySelectorAll("form"));
    }

    [Fact]
    public async Task Address_that_has_an_account_is_refused_and_the_link_goes_on_working()
    {
        await _app.AddAsync(Email);
        var link = await Links.ForInviteAsync(Role.Administrator, null, Stop);

        using var refused = await MakeAsync(_ann, link);

        Assert.Contains("already", (await Visitor.ReadAsync(refused)).QuerySelector("[role=alert]")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull((await _ann.ReadAsync(link)).QuerySelector("form"));
    }

    private static Task<HttpResponseMessage> MakeAsync(Visitor visitor, string link) =>
        visitor.SubmitAsync(link, "enter", ("email", Email), ("password", Visitor.GoodPassword), ("again", Visitor.GoodPassword));

    private static List<(string Name, string Value)> Fields(AngleSharp.Dom.IDocument page, string email) =>
        [.. Visitor.HiddenFields(page, "enter"), ("email", email), ("password", Visitor.GoodPassword), ("again", Visitor.GoodPassword)];
}
