using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>The cookie of a sign-in: begins a session with it, ends the session with it, and accepts it only while the session is open.</summary>
internal sealed class SessionCookie(Sessions sessions, AccessDirectory directory, Reveals reveals, AuditLog audit) : CookieAuthenticationEvents
{
    /// <inheritdoc/>
    public override async Task SigningIn(CookieSigningInContext context)
    {
        var identity = (ClaimsIdentity)context.Principal!.Identity!;
        var accountId = long.Parse(identity.FindFirst(ClaimTypes.NameIdentifier)!.Value, CultureInfo.InvariantCulture);

        var way = identity.FindFirst(ClaimTypes.AuthenticationMethod)?.Value ?? identity.FindFirst("amr")?.Value switch { "pwd" => "password", "mfa" => "password and second factor", _ => "another way" };
        await audit.AppendAsync(new(Reader.ActorOf(accountId), AuditAction.SignIn, Detail: $"by {way}"), context.HttpContext.RequestAborted);

        // Whatever session the browser had before ends here; the new one has a secret that nobody had before.
        if (context.HttpContext.User.FindFirstValue(AccessClaims.Session) is { } before)
        {
            await sessions.EndAsync(before, context.HttpContext.RequestAborted);
        }

        foreach (var claim in identity.FindAll(AccessClaims.Session).ToList())
        {
            identity.RemoveClaim(claim);
        }

        identity.AddClaim(new(AccessClaims.Session, await sessions.BeginAsync(accountId, context.HttpContext.RequestAborted)));
    }

    /// <inheritdoc/>
    public override async Task SigningOut(CookieSigningOutContext context)
    {
        if (context.HttpContext.User.FindFirstValue(AccessClaims.Session) is { } secret)
        {
            var session = Secret.Hash(secret);
            if (directory.OfSession(session) is { } account)
            {
                await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.SignOut), CancellationToken.None);
            }

            reveals.End(session);
            await sessions.EndAsync(secret, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        if (AccessClaims.SessionOf(context.Principal) is not { } session || directory.OfSession(session) is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(IdentityConstants.ApplicationScheme);
        }
    }

    /// <inheritdoc/>
    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context) => IsForPrograms(context.Request)
        ? Refusal.SendAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "Sign in, or send an API key: Authorization: Bearer <key>. An administrator makes one on the settings page.")
        : !HttpMethods.IsGet(context.Request.Method) ? ToSignIn(context) : base.RedirectToLogin(context);

    /// <inheritdoc/>
    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) => IsForPrograms(context.Request)
        ? Refusal.SendAsync(context.HttpContext, StatusCodes.Status403Forbidden, "This takes another role. An administrator can give it, on the settings page.")
        : base.RedirectToAccessDenied(context);

    // A form of a page that is no longer anybody's: nobody is led back to what only a form does.
    private static Task ToSignIn(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.Redirect("/sign-in");
        return Task.CompletedTask;
    }

    // A browser that goes to a page, or sends a form, asks for a document; scripts, hubs and circuits do not follow to a form.
    private static bool IsForPrograms(HttpRequest request) =>
        (!HttpMethods.IsGet(request.Method) && !request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        || request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || request.Path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase)
        || request.Path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase) || request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase);
}
