using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>People sign in and out, by the pages that a browser without script gets.</summary>
public sealed class SignInTests : IDisposable
{
    private const string Email = "ann@example.com";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly DashboardApp _app;
    private readonly Visitor _ann;

    public SignInTests()
    {
        _app = DashboardApp.Start(_time);
        _ann = new(_app);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ann.Dispose();
        ((IDisposable)_app).Dispose();
    }

    [Fact]
    public async Task Address_and_password_sign_in()
    {
        var id = await _app.AddAsync(Email);
        Assert.False(await _ann.IsInAsync());

        using var answer = await _ann.SignInAsync(" Ann@Example.com ");

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/", Path(answer));
        Assert.True(await _ann.IsInAsync());
        Assert.Equal((AuditAction.SignIn, $"user:{id}", "by password"), _app.Audit().Select(a => (a.Action, a.Actor, a.Detail)).Single());
    }

    [Fact]
    public async Task Wrong_ones_are_refused_in_the_same_words_whether_there_is_an_account_or_not()
    {
        await _app.AddAsync(Email);
        await _app.AddAsync("shut@example.com", change: a => a.Disabled = DateTimeOffset.UnixEpoch);

        List<string> words = [];
        foreach (var (email, password) in ((string, string)[])[(Email, "wrong"), ("nobody@example.com", "wrong"), ("shut@example.com", Visitor.GoodPassword)])
        {
            using var answer = await _ann.SignInAsync(email, password);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            words.Add((await Visitor.ReadAsync(answer)).QuerySelector("[role=alert]")!.TextContent);
        }

        Assert.Single(words.Distinct());
        Assert.False(await _ann.IsInAsync());
        Assert.All(_app.Audit(), line => Assert.Equal((AuditAction.SignInFailed, "nobody"), (line.Action, line.Actor)));
        Assert.DoesNotContain(_app.Audit(), line => line.Detail!.Contains('@', StringComparison.Ordinal));
        Assert.Equal(3, _app.Audit().Select(line => line.Detail).Distinct().Count());
    }

    [Fact]
    public async Task Five_wrong_ones_close_the_account_until_its_time_is_over()
    {
        await _app.AddAsync(Email);
        for (var i = 0; i < 5; i++)
        {
            (await _ann.SignInAsync(Email, "wrong")).Dispose();
        }

        (await _ann.SignInAsync(Email)).Dispose();
        Assert.False(await _ann.IsInAsync());
        Assert.Equal(2, _app.Audit(AuditAction.LockedOut).Count);

        _time.Advance(TimeSpan.FromMinutes(15));
        (await _ann.SignInAsync(Email)).Dispose();
        Assert.True(await _ann.IsInAsync());
    }

    [Fact]
    public async Task Right_password_that_waited_for_its_turn_while_others_locked_the_account_signs_nobody_in()
    {
        var id = await _app.AddAsync(Email);
        await using var scope = _app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<Accounts>();
        var account = (await users.FindByNameAsync(Email))!;
        Assert.True(await users.CheckPasswordAsync(account, Visitor.GoodPassword));

        await using (var other = _app.Services.CreateAsyncScope())
        {
            var others = other.ServiceProvider.GetRequiredService<Accounts>();
            for (var i = 0; i < 5; i++)
            {
                await others.AccessFailedAsync((await others.FindByNameAsync(Email))!);
            }
        }

        Assert.False(await users.IsLockedOutAsync(account));
        Assert.False(await users.CheckPasswordAsync(account, Visitor.GoodPassword));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Form_of_a_page_from_before_a_sign_in_says_what_to_do(string environment)
    {
        using var app = DashboardApp.Start(environment: environment, settings: new() { ["Sandbox:Enabled"] = "false" });
        using var ann = new Visitor(app);
        await app.AddAsync(Email);
        var old = Visitor.HiddenFields(await ann.ReadAsync("/sign-in"), "sign-in").Concat([("email", Email), ("password", Visitor.GoodPassword)]).ToList();
        (await ann.SignInAsync(Email)).Dispose();

        using var answer = await ann.PostAsync("/sign-in", old);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(OldForm.Words, await answer.Content.ReadAsStringAsync(Stop));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-out") { Headers = { { "Accept", "text/html" } } };
        using var plain = await ann.Client.SendAsync(request, Stop);
        Assert.Equal((HttpStatusCode.BadRequest, OldForm.Words), (plain.StatusCode, await plain.Content.ReadAsStringAsync(Stop)));
    }

    [Fact]
    public async Task Form_of_who_is_signed_out_meanwhile_leads_to_the_sign_in_page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account") { Headers = { { "Accept", "text/html" } } };
        using var answer = await _ann.Client.SendAsync(request, Stop);

        Assert.Equal((HttpStatusCode.Redirect, "/sign-in"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Wrong_ones_at_the_same_time_count_each()
    {
        await _app.AddAsync(Email);
        var page = await _ann.ReadAsync("/sign-in");
        var fields = Visitor.HiddenFields(page, "sign-in").Concat([("email", Email), ("password", "wrong")]).ToList();

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await _ann.PostAsync("/sign-in", fields)).Dispose()));

        (await _ann.SignInAsync(Email)).Dispose();
        Assert.False(await _ann.IsInAsync());
    }

    [Theory]
    [InlineData("/imports/x?page=2", "/imports/x?page=2")]
    [InlineData("//evil.example.com", "/")]
    [InlineData("/\\evil.example.com", "/")]
    [InlineData("https://evil.example.com/", "/")]
    [InlineData("/\t/evil.example.com", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("sites", "/")]
    public async Task Sign_in_leads_to_a_page_of_ours_alone(string wanted, string gets)
    {
        await _app.AddAsync(Email);

        using var answer = await _ann.SignInAsync(Email, path: "/sign-in?returnUrl=" + Uri.EscapeDataString(wanted));

        Assert.Equal(gets, Path(answer));
    }

    [Fact]
    public async Task Page_that_takes_a_sign_in_is_where_it_leads_back_to()
    {
        await _app.AddAsync(Email);

        using var asked = await _ann.Client.GetAsync("/sites?page=2", Stop);
        using var answer = await _ann.SignInAsync(Email, path: asked.Headers.Location!.PathAndQuery);

        Assert.Equal("/sites?page=2", Path(answer));
        using var again = await _ann.Client.GetAsync("/sign-in?returnUrl=%2Fsites", Stop);
        Assert.Equal("/sites", Path(again));
    }

    [Fact]
    public async Task Cookie_is_for_this_program_alone_and_out_of_reach_of_scripts()
    {
        await _app.AddAsync(Email);

        using var answer = await _ann.SignInAsync(Email);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("loyalty-dashboard=", StringComparison.Ordinal));
        var flags = cookie.Split(';', StringSplitOptions.TrimEntries).Skip(1).Select(f => f.ToLowerInvariant()).ToList();
        Assert.Contains("httponly", flags);
        Assert.Contains("samesite=lax", flags);
        Assert.Contains("path=/", flags);
        Assert.DoesNotContain(flags, f => f.StartsWith("domain", StringComparison.Ordinal) || f.StartsWith("expires", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Session_from_before_a_sign_in_is_worth_nothing_after_it()
    {
        await _app.AddAsync(Email, Role.Viewer);
        (await _ann.SignInAsync(Email)).Dispose();
        var planted = _ann.SignInCookie!;
        using var copy = new Visitor(_app);
        copy.Cookies.Add(new Cookie("loyalty-dashboard", planted, "/", _ann.Client.BaseAddress!.Host));

        // A link signs in whoever opens it, whatever cookie the browser has already.
        var link = await _app.Services.GetRequiredService<Links>().ForInviteAsync(Role.Operator, null, Stop);
        (await _ann.SubmitAsync(link, "enter", ("email", "bea@example.com"), ("password", Visitor.GoodPassword), ("again", Visitor.GoodPassword))).Dispose();

        Assert.True(await _ann.IsInAsync());
        Assert.NotEqual(planted, _ann.SignInCookie);
        Assert.False(await copy.IsInAsync());
    }

    [Fact]
    public async Task Sign_out_ends_every_copy_of_the_cookie()
    {
        var id = await _app.AddAsync(Email);
        (await _ann.SignInAsync(Email)).Dispose();
        using var copy = new Visitor(_app);
        copy.Cookies.Add(new Cookie("loyalty-dashboard", _ann.SignInCookie, "/", _ann.Client.BaseAddress!.Host));
        Assert.True(await copy.IsInAsync());

        using var answer = await _ann.PostAsync("/sign-out", await TokenAsync(_ann));

        Assert.Equal("/sign-in", Path(answer));
        Assert.False(await copy.IsInAsync());
        Assert.False(await _ann.IsInAsync());
        Assert.Equal($"user:{id}", _app.Audit(AuditAction.SignOut).Single().Actor);
    }

    [Theory]
    [InlineData("/sign-in", "sign-in")]
    [InlineData("/sign-in", "passkey")]
    [InlineData("/sign-in/two-factor", "two-factor")]
    [InlineData("/sign-in/recovery-code", "recovery-code")]
    [InlineData("/enter/x", "enter")]
    [InlineData("/sign-out", "")]
    [InlineData("/sign-in/passkey-options", "")]
    public async Task Form_without_its_token_does_nothing(string path, string form)
    {
        await _app.AddAsync(Email);
        (await _ann.Client.GetAsync("/sign-in", Stop)).Dispose();

        using var answer = await _ann.PostAsync(path, [("_handler", form), ("email", Email), ("password", Visitor.GoodPassword)]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(_ann.SignInCookie);
    }

    [Fact]
    public async Task Sign_out_without_its_token_leaves_one_signed_in()
    {
        await _app.AddAsync(Email);
        (await _ann.SignInAsync(Email)).Dispose();

        using var answer = await _ann.PostAsync("/sign-out", []);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(await _ann.IsInAsync());
    }

    [Fact]
    public async Task While_nobody_can_sign_in_the_page_says_how_to_begin()
    {
        var page = await _ann.ReadAsync("/sign-in");

        Assert.Empty(page.QuerySelectorAll("form"));
        Assert.Contains("admin-link", page.Body!.TextContent, StringComparison.Ordinal);
    }

    private static string Path(HttpResponseMessage answer) => answer.Headers.Location is { IsAbsoluteUri: true } address ? address.PathAndQuery : answer.Headers.Location!.OriginalString;

    private static async Task<List<(string Name, string Value)>> TokenAsync(Visitor visitor)
    {
        var page = await visitor.ReadAsync("/account");
        return [.. page.QuerySelectorAll("input[name=__RequestVerificationToken]").Take(1).Select(i => ("__RequestVerificationToken", i.GetAttribute("value")!))];
    }
}
