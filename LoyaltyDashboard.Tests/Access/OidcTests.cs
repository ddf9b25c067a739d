using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Access;

/// <summary>Sign-in by a real OpenID Connect server.</summary>
public sealed class OidcTests : IAsyncLifetime
{
    private Provider _provider = null!;
    private DashboardApp _app = null!;
    private Visitor _ann = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private AccessDirectory Directory => _app.Services.GetRequiredService<AccessDirectory>();

    public async ValueTask InitializeAsync()
    {
        _provider = await Provider.StartAsync();
        _app = DashboardApp.Start(settings: _provider.Settings);
        _ann = new(_app);
    }

    public async ValueTask DisposeAsync()
    {
        _ann.Dispose();
        ((IDisposable)_app).Dispose();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Whom_the_provider_gives_a_role_comes_in_and_is_the_same_the_next_time()
    {
        Assert.Contains("Sign in with Example ID", (await _ann.ReadAsync("/sign-in")).Body!.TextContent, StringComparison.Ordinal);
        _provider.Roles = ["other", "loyalty-operators", "Viewer"];

        Assert.Equal("/sites", await ComeAsync(_ann, "/sites"));

        var person = Assert.Single(await ListAsync());
        Assert.Equal(("ann@example.com", Role.Operator, "Example ID"), (person.Email, person.Role, person.Provider));
        Assert.Equal(["S256"], _provider.ChallengeMethods);
        using var again = new Visitor(_app);
        _provider.Email = "renamed@example.com";
        Assert.Equal("/", await ComeAsync(again));
        Assert.Equal(person.Id, Assert.Single(await ListAsync()).Id);
        Assert.Equal(2, _app.Audit(AuditAction.SignIn).Count(line => line.Actor == $"user:{person.Id}" && line.Detail == "by OpenID Connect"));
    }

    [Fact]
    public async Task Without_a_known_role_nobody_comes_in_and_no_account_is_made()
    {
        _provider.Roles = ["Operator", "viewer"];

        Assert.Equal("/sign-in/refused", await ComeAsync(_ann));

        Assert.False(await _ann.IsInAsync());
        Assert.True(Directory.IsEmpty);
        Assert.Single(_app.Audit(AuditAction.SignInFailed));
    }

    [Fact]
    public async Task Role_follows_the_provider_at_each_sign_in_and_the_sites_stay_the_administrators()
    {
        _provider.Roles = ["Administrator"];
        await ComeAsync(_ann);
        var id = (await ListAsync())[0].Id;
        await _app.AddAsync("local@example.com", Role.Administrator);
        Assert.Null(await _app.Services.GetRequiredService<People>().ChangeAsync(Reader.System, id, Role.Administrator, ["site-1"], Stop));

        using var again = new Visitor(_app);
        _provider.Roles = ["Viewer"];
        await ComeAsync(again);
        Assert.Equal(Role.Viewer, Directory.Account(id)!.Role);
        Assert.Equal(["site-1"], Directory.Account(id)!.Sites!);

        using var last = new Visitor(_app);
        _provider.Roles = [];
        Assert.Equal("/sign-in/refused", await ComeAsync(last));
        Assert.False(await _ann.IsInAsync() || await again.IsInAsync() || await last.IsInAsync());
    }

    [Fact]
    public async Task Who_comes_for_the_first_time_sees_the_sites_of_the_configuration()
    {
        using var app = DashboardApp.Start(settings: new(_provider.Settings) { ["Access:Oidc:Sites:0"] = "site-1", ["Access:Oidc:Sites:1"] = "site-2" });
        using var ann = new Visitor(app);
        _provider.Roles = ["Viewer"];

        await ComeAsync(ann);

        Assert.Equal(["site-1", "site-2"], Assert.Single(await app.Services.GetRequiredService<People>().ListAsync(Reader.System, Stop)).Sites!);
        Assert.Contains(app.Audit(AuditAction.User), line => line.Detail == "made by OpenID Connect; role Viewer, " + ScopeWords.Of(["site-1", "site-2"]));
    }

    [Fact]
    public async Task Local_account_of_the_same_address_stays_another()
    {
        var local = await _app.AddAsync("ann@example.com", Role.Administrator);
        _provider.Roles = ["Viewer"];

        Assert.Equal("/", await ComeAsync(_ann));

        Assert.Equal(2, (await ListAsync()).Count);
        Assert.Equal(Role.Administrator, Directory.Account(local)!.Role);
        using var ann = new Visitor(_app);
        (await ann.SignInAsync("ann@example.com")).Dispose();
        Assert.Contains(_app.Audit(AuditAction.SignIn), line => line.Actor == $"user:{local}");
        using var settings = await _ann.Client.GetAsync("/settings", Stop);
        Assert.Contains("/no-access", settings.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_password_nor_passkey_gets_past_the_provider()
    {
        _provider.Roles = ["Viewer"];
        await ComeAsync(_ann);
        var id = (await ListAsync())[0].Id;

        Assert.Null(await _app.Services.GetRequiredService<People>().ResetLinkAsync(Reader.System, id, Stop));
        var page = await _ann.ReadAsync("/account");
        Assert.Equal(["elsewhere"], page.QuerySelectorAll("input[name=_handler]").Select(i => i.GetAttribute("value")));
    }

    [Fact]
    public async Task Shut_account_stays_out()
    {
        _provider.Roles = ["Viewer"];
        await ComeAsync(_ann);
        await _app.Services.GetRequiredService<People>().ShutAsync(Reader.System, (await ListAsync())[0].Id, Stop);

        Assert.Equal("/sign-in/refused", await ComeAsync(_ann));
        Assert.False(await _ann.IsInAsync());
    }

    [Fact]
    public async Task Refusal_of_the_provider_and_a_forged_answer_are_told_on_a_page()
    {
        _provider.Refuses = true;
        Assert.Equal("/sign-in/refused?by=provider", await ComeAsync(_ann));

        using var forged = await _ann.Client.GetAsync("/signin-oidc?code=x&state=y", Stop);
        Assert.Equal("/sign-in/refused?by=provider", Path(forged.Headers.Location!));
        Assert.All(_app.Audit(AuditAction.SignInFailed), line => Assert.Equal(("nobody", "by OpenID Connect: the provider's answer was not accepted"), (line.Actor, line.Detail)));
        Assert.Equal(2, _app.Audit(AuditAction.SignInFailed).Count);
        using var without = await _ann.Client.GetAsync("/sign-in/external", Stop);
        Assert.Equal("/", Path(without.Headers.Location!));
    }

    [Theory]
    [InlineData("//evil.example.com")]
    [InlineData("https://evil.example.com")]
    public async Task It_leads_to_a_page_of_ours_alone(string wanted)
    {
        _provider.Roles = ["Viewer"];

        Assert.Equal("/", await ComeAsync(_ann, wanted));
    }

    [Fact]
    public async Task Form_takes_its_token()
    {
        using var answer = await _ann.PostAsync("/sign-in/external", []);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("Access:Oidc:Authority", "http://login.example.com")]
    [InlineData("Access:Oidc:Authority", "login")]
    [InlineData("Access:Oidc:ClientId", "")]
    [InlineData("Access:Oidc:RoleClaim", "")]
    [InlineData("Access:Oidc:Roles:Viewer", "loyalty-operators")]
    [InlineData("Access:Oidc:Sites", "5a4db0c5-0000-4000-8000-000000000001")]
    public void Faulty_settings_are_named(string key, string value)
    {
        var options = new AccessOptions { Oidc = new() { Authority = "https://login.example.com", ClientId = "x", Roles = { Operator = "loyalty-operators" } } };
        Assert.True(new AccessOptionsValidator(new ConfigurationBuilder().Build()).Validate(null, options).Succeeded);
        switch (key)
        {
            case "Access:Oidc:Authority": options.Oidc.Authority = value; break;
            case "Access:Oidc:ClientId": options.Oidc.ClientId = value; break;
            case "Access:Oidc:RoleClaim": options.Oidc.RoleClaim = value; break;
            case "Access:Oidc:Sites": break;
            default: options.Oidc.Roles.Viewer = value; break;
        }

        Assert.Contains(key.Replace(":Viewer", "", StringComparison.Ordinal), new AccessOptionsValidator(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build()).Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<Person>> ListAsync() => _app.Services.GetRequiredService<People>().ListAsync(Reader.System, Stop);

    private static string Path(Uri address) => address.IsAbsoluteUri ? address.PathAndQuery : address.OriginalString;

    // As a browser goes: from the form to the provider and back.
    private async Task<string> ComeAsync(Visitor visitor, string? returnUrl = null)
    {
        var page = await visitor.ReadAsync("/sign-in" + (returnUrl is null ? string.Empty : "?returnUrl=" + Uri.EscapeDataString(returnUrl)));
        var form = page.QuerySelectorAll("form").Single(f => f.GetAttribute("action")?.StartsWith("/sign-in/external", StringComparison.Ordinal) == true);
        var answer = await visitor.PostAsync(form.GetAttribute("action")!, form.QuerySelectorAll("input[type=hidden]").Select(i => (i.GetAttribute("name")!, i.GetAttribute("value")!)));
        for (var step = 0; step < 3; step++)
        {
            var next = answer.Headers.Location;
            Assert.True(next is not null, $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Stop)}");
            if (Path(next).StartsWith("/sign-in/refused", StringComparison.Ordinal))
            {
                break;
            }

            answer.Dispose();
            answer = await visitor.Client.GetAsync(next, Stop);
        }

        using (answer)
        {
            return Path(answer.Headers.Location!);
        }
    }
}
