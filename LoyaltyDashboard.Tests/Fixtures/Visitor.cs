using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Somebody with a browser without script: keeps cookies, posts the forms of pages as they stand there, follows no redirect.</summary>
public sealed class Visitor : IDisposable
{
    /// <summary>A password that every rule accepts.</summary>
    public const string GoodPassword = "eleven purple herons waltz";

    private readonly SocketsHttpHandler _handler;

    public Visitor(DashboardApp app)
    {
        _handler = new() { AllowAutoRedirect = false, CookieContainer = Cookies };
        Client = new(_handler) { BaseAddress = app.Client.BaseAddress };
    }

    public CookieContainer Cookies { get; } = new();

    public HttpClient Client { get; }

    /// <summary>The value of the cookie of the sign-in; null without one.</summary>
    public string? SignInCookie => Cookies.GetCookies(Client.BaseAddress!)["loyalty-dashboard"]?.Value;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Client.Dispose();
        _handler.Dispose();
    }

    public async Task<IDocument> ReadAsync(string path)
    {
        using var answer = await Client.GetAsync(path, Stop);
        return await ReadAsync(answer);
    }

    public static async Task<IDocument> ReadAsync(HttpResponseMessage answer) => new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Stop));

    /// <summary>Fills in the form of that name on a page and sends it.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        var page = await ReadAsync(path);
        return await PostAsync(path, HiddenFields(page, form).Concat(fields.Select(f => (f.Name, f.Value))));
    }

    public Task<HttpResponseMessage> PostAsync(string path, IEnumerable<(string Name, string Value)> fields) =>
        Client.PostAsync(path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))), Stop);

    /// <summary>What a page puts into one of its forms by itself.</summary>
    public static List<(string Name, string Value)> HiddenFields(IDocument page, string form)
    {
        var found = page.QuerySelectorAll("form").SingleOrDefault(f => f.QuerySelector("input[name=_handler]")?.GetAttribute("value") == form);
        Assert.True(found is not null, $"There is no form {form} on the page: {page.Body?.TextContent}");
        return [.. found.QuerySelectorAll("input[type=hidden][name]").Where(i => !i.HasAttribute("data-credential")).Select(i => (i.GetAttribute("name")!, i.GetAttribute("value") ?? string.Empty))];
    }

    public Task<HttpResponseMessage> SignInAsync(string email, string password = GoodPassword, string path = "/sign-in") => SubmitAsync(path, "sign-in", ("email", email), ("password", password));

    /// <summary>Whether the pages let them in.</summary>
    public async Task<bool> IsInAsync()
    {
        using var answer = await Client.GetAsync("/", Stop);
        return answer.StatusCode == HttpStatusCode.OK;
    }
}

/// <summary>People who sign in with a password.</summary>
public static class TestPeople
{
    public static async Task<long> AddAsync(this DashboardApp app, string email, Role role = Role.Viewer, string password = Visitor.GoodPassword, Action<Account>? change = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        var account = new Account { UserName = email, Email = email, EmailConfirmed = true, Role = role, Created = app.Services.GetRequiredService<TimeProvider>().GetUtcNow() };
        change?.Invoke(account);
        var made = await users.CreateAsync(account, password);
        Assert.True(made.Succeeded, made.ToString());
        await app.Services.GetRequiredService<AccessDirectory>().ReloadAsync();
        return account.Id;
    }

    /// <summary>An invitation by whoever holds the machine.</summary>
    public static Task<string> ForInviteAsync(this Links links, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation) => links.ForInviteAsync(null, role, sites, cancellation);

    /// <summary>A link for a new password by whoever holds the machine.</summary>
    public static Task<string> ForResetAsync(this Links links, long accountId, CancellationToken cancellation) => links.ForResetAsync(null, accountId, cancellation);

    /// <summary>What stands in the audit log, oldest first, without the key of the configuration that every program of the tests begins with.</summary>
    public static List<AuditRecord> Audit(this DashboardApp app, string? action = null)
    {
        using var database = app.Services.GetRequiredService<Microsoft.EntityFrameworkCore.IDbContextFactory<DashboardDb>>().CreateDbContext();
        return [.. database.Audit.Where(a => (action == null || a.Action == action) && (a.Actor != AuditEntry.Program || (a.Action != AuditAction.Key && a.Action != AuditAction.Settings))).OrderBy(a => a.RowId)];
    }
}
