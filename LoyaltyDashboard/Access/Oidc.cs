using System.Globalization;
using System.Security.Claims;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Sign-in by an OpenID Connect provider: code flow with PKCE, there only while the configuration names a provider.</summary>
internal static class Oidc
{
    /// <summary>The scheme's name.</summary>
    public const string Scheme = "oidc";

    /// <summary>Where a form asks for it, and where it ends.</summary>
    public const string Path = "/sign-in/external";

    private const string Refused = "/sign-in/refused";

    /// <summary>Registers it.</summary>
    public static void AddOidc(this IServiceCollection services)
    {
        // Settled when first needed: a test host adds its configuration after this line has run.
        services.AddOptions<AuthenticationOptions>().Configure<IOptions<AccessOptions>>((authentication, access) =>
        {
            if (access.Value.Oidc.IsOn)
            {
                authentication.AddScheme<OpenIdConnectHandler>(Scheme, access.Value.Oidc.DisplayName);
            }
        });
        services.AddTransient<OpenIdConnectHandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<AccessOptions>, TimeProvider>((options, access, time) => Configure(options, access.Value.Oidc, time));
        services.AddScoped<OidcSignIn>();
    }

    /// <summary>Maps the routes: a form asks to be sent to the provider; whom it sends back signs in.</summary>
    public static void Map(IEndpointRouteBuilder forms, IEndpointRouteBuilder routes)
    {
        forms.MapPost(Path, (HttpContext context, IOptions<AccessOptions> access, string? returnUrl) => access.Value.Oidc.IsOn
            ? Results.Challenge(new() { RedirectUri = $"{Path}?returnUrl={Uri.EscapeDataString(LocalUrl.Of(returnUrl))}" }, [Scheme])
            : Results.Redirect("/sign-in")).AllowAnonymous();
        routes.MapGet(Path, async (HttpContext context, OidcSignIn signIn, string? returnUrl) =>
        {
            var came = await context.AuthenticateAsync(IdentityConstants.ExternalScheme);
            await context.SignOutAsync(IdentityConstants.ExternalScheme);
            context.Response.Headers.CacheControl = "no-store";
            return came.Principal is null ? Results.Redirect("/") : Results.Redirect(await signIn.AnswerAsync(came.Principal, context.RequestAborted) ? LocalUrl.Of(returnUrl) : Refused);
        }).AllowAnonymous().ExcludeFromDescription();
    }

    private static void Configure(OpenIdConnectOptions options, OidcOptions oidc, TimeProvider time)
    {
        (options.Authority, options.ClientId, options.ClientSecret) = (oidc.Authority, oidc.ClientId, oidc.ClientSecret);
        options.TimeProvider = time;
        options.RequireHttpsMetadata = !(Uri.TryCreate(oidc.Authority, UriKind.Absolute, out var authority) && authority.IsLoopback);
        options.SignInScheme = IdentityConstants.ExternalScheme;
        options.ResponseType = "code";
        options.UsePkce = true;
        // A provider that comes back by a link, not by a form, finds the cookies of the way there without SameSite=None.
        options.ResponseMode = "query";
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        options.ClaimActions.Remove("iss");
        options.ClaimActions.MapJsonKey(oidc.RoleClaim, oidc.RoleClaim);
        options.ClaimActions.MapJsonKey("email", "email");
        options.Scope.Add("email");
        foreach (var scope in oidc.Scopes)
        {
            options.Scope.Add(scope);
        }

        options.Events.OnRemoteFailure = context =>
        {
            // What the provider said may be anybody's words; the page says ours.
            context.HandleResponse();
            context.Response.Redirect(Refused + "?by=provider");
            return Task.CompletedTask;
        };
    }
}

/// <summary>Whom the provider sends: the account is known by issuer and subject alone, never by an address, and has the role that the provider says, anew at each sign-in.</summary>
internal sealed class OidcSignIn(IDbContextFactory<DashboardDb> databases, AccountSignIn signIn, Accounts users, Sessions sessions, AccessDirectory directory, FailedSignIns failed, AuditLog audit, IOptions<AccessOptions> options, TimeProvider time)
{
    private const int LongestAddress = 256;

    /// <summary>Signs in.</summary>
    /// <returns>Whether they have a role here.</returns>
    public async Task<bool> AnswerAsync(ClaimsPrincipal who, CancellationToken cancellation)
    {
        var oidc = options.Value.Oidc;
        if (who.FindFirstValue("iss") is not { Length: > 0 } issuer || who.FindFirstValue("sub") is not { Length: > 0 } subject)
        {
            await RefuseAsync(null, "the provider named no subject");
            return false;
        }

        var role = oidc.RoleOf([.. who.FindAll(oidc.RoleClaim).Select(c => c.Value)]);
        var id = await FindAsync(issuer, subject, cancellation);
        if (id is null && role > Role.None)
        {
            id = await MakeAsync(issuer, subject, who.FindFirstValue("email"), role, cancellation);
        }

        if (id is null)
        {
            await RefuseAsync(null, "the provider gives no role");
            return false;
        }

        await TakeRoleAsync(id.Value, role, cancellation);
        if (await users.FindByIdAsync(id.Value.ToString(CultureInfo.InvariantCulture)) is not { } account || !await signIn.CanSignInAsync(account))
        {
            await RefuseAsync(id, role == Role.None ? "the provider gives no role" : "the account is shut");
            return false;
        }

        await signIn.SignInAsync(account, isPersistent: false, "OpenID Connect");
        return true;
    }

    private async Task<long?> FindAsync(string issuer, string subject, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<IdentityUserLogin<long>>().Where(l => l.LoginProvider == issuer && l.ProviderKey == subject).Select(l => (long?)l.UserId).FirstOrDefaultAsync(cancellation);
    }

    // Its name is the provider's, and its address is shown and no more: nobody is found by it, so it takes nobody's place.
    private async Task<long?> MakeAsync(string issuer, string subject, string? email, Role role, CancellationToken cancellation)
    {
        var name = $"{issuer} {subject}";
        var account = new Account
        {
            UserName = name,
            NormalizedUserName = users.NormalizeName(name),
            Email = email is { Length: > 0 and <= LongestAddress } ? email : subject[..Math.Min(LongestAddress, subject.Length)],
            Role = role,
            Created = time.GetUtcNow(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        try
        {
            await using var database = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
            database.Accounts.Add(account);
            await database.SaveChangesAsync(cancellation);
            database.Add(new IdentityUserLogin<long> { LoginProvider = issuer, ProviderKey = subject, ProviderDisplayName = options.Value.Oidc.DisplayName, UserId = account.Id });
            await database.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            // The same person from two windows at once: the other one made it.
            return await FindAsync(issuer, subject, cancellation);
        }

        await audit.AppendAsync(new(Actor(account.Id), AuditAction.User, Actor(account.Id), $"made by OpenID Connect; role {role}"), CancellationToken.None);
        await directory.ReloadAsync(cancellation);
        return account.Id;
    }

    private async Task TakeRoleAsync(long id, Role role, CancellationToken cancellation)
    {
        // Another stamp, as in People: what a request read before does not bring the old role back.
        var stamp = Guid.NewGuid().ToString();
        int changed;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            changed = await database.Accounts.Where(a => a.Id == id && a.Role != role).ExecuteUpdateAsync(set => set.SetProperty(a => a.Role, role).SetProperty(a => a.ConcurrencyStamp, stamp), cancellation);
        }

        if (changed > 0)
        {
            await audit.AppendAsync(new(Actor(id), AuditAction.User, Actor(id), $"role {role}, by OpenID Connect"), CancellationToken.None);
            await directory.ReloadAsync(CancellationToken.None);
        }

        if (role == Role.None)
        {
            await sessions.EndAllAsync(id, cancellation: cancellation);
        }
    }

    private Task RefuseAsync(long? id, string why) =>
        failed.NoteAsync(new(Reader.Nobody.Actor, AuditAction.SignInFailed, id is { } known ? Actor(known) : null, $"by OpenID Connect: {why}"));

    private static string Actor(long id) => string.Create(CultureInfo.InvariantCulture, $"user:{id}");
}
