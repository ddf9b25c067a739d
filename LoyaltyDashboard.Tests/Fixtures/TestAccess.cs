using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Ways into the program: as a script with a key, and as a person with a cookie.</summary>
public static class TestAccess
{
    /// <summary>The key of an administrator that every program of the tests has in its configuration.</summary>
    public const string Key = "a-key-for-the-tests-alone-0123456789";

    /// <summary>The configuration that gives the key.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Settings = new Dictionary<string, string?>
    {
        ["Access:ApiKeys:0:Name"] = "tests",
        ["Access:ApiKeys:0:Role"] = nameof(Role.Administrator),
        ["Access:ApiKeys:0:Key"] = Key,
    };

    /// <summary>Sends the key with each request.</summary>
    public static HttpClient WithKey(this HttpClient client, string key = Key)
    {
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Makes somebody who signs in, and signs them in.</summary>
    /// <returns>Their cookie.</returns>
    public static async Task<Cookie> SignInAsync(this IServiceProvider services, Role role = Role.Administrator, IReadOnlyList<string>? sites = null, string? email = null)
    {
        await using var scope = services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        email ??= $"{role}-{Guid.NewGuid():N}@example.com".ToLowerInvariant();
        var account = await users.FindByNameAsync(email);
        if (account is null)
        {
            account = new() { UserName = email, Email = email, EmailConfirmed = true, Role = role, Sites = sites?.ToList(), Created = services.GetRequiredService<TimeProvider>().GetUtcNow() };
            var made = await users.CreateAsync(account);
            Assert.True(made.Succeeded, made.ToString());
            await services.GetRequiredService<AccessDirectory>().ReloadAsync();
        }

        return await services.CookieAsync(account);
    }

    /// <summary>Changes somebody who signs in, as an administrator does.</summary>
    public static async Task ChangeAsync(this IServiceProvider services, string email, Action<Account> change)
    {
        await using (var database = await services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync())
        {
            change(await database.Accounts.SingleAsync(a => a.Email == email));
            await database.SaveChangesAsync();
        }

        await services.GetRequiredService<AccessDirectory>().ReloadAsync();
    }

    /// <summary>The row of somebody who signs in.</summary>
    public static long AccountId(this IServiceProvider services, string email)
    {
        using var database = services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContext();
        return database.Accounts.Single(a => a.Email == email).Id;
    }

    /// <summary>A key made on the settings page.</summary>
    public static async Task<string> MakeKeyAsync(this IServiceProvider services, Role role, IReadOnlyList<string>? sites = null) =>
        (await services.GetRequiredService<ApiKeys>().MakeAsync($"{role} of the tests", role, sites, CancellationToken.None)).Key;

    /// <summary>A client that sends a cookie and follows no redirect.</summary>
    public static HttpClient ClientOf(this DashboardApp app, Cookie? cookie)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        var client = new HttpClient(handler) { BaseAddress = app.Client.BaseAddress };
        if (cookie is not null)
        {
            client.DefaultRequestHeaders.Add("Cookie", $"{cookie.Name}={cookie.Value}");
        }

        return client;
    }

    // As the sign-in makes it: the session's secret is all that counts.
    private static async Task<Cookie> CookieAsync(this IServiceProvider services, Account account)
    {
        var secret = await services.GetRequiredService<Sessions>().BeginAsync(account.Id);
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, $"{account.Id}"), new(ClaimTypes.Name, account.UserName!), new("session", secret)], IdentityConstants.ApplicationScheme);
        var options = services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(IdentityConstants.ApplicationScheme);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var properties = new AuthenticationProperties { IssuedUtc = now, ExpiresUtc = now + options.ExpireTimeSpan };
        return new(options.Cookie.Name!, options.TicketDataFormat.Protect(new(new ClaimsPrincipal(identity), properties, IdentityConstants.ApplicationScheme)));
    }
}
