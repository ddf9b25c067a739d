using System.Net;
using System.Security.Cryptography;
using System.Text;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Access;

/// <summary>
/// In the Development environment, the link printed at each start signs straight in as an administrator, so that trying things out takes one click. Its secret lasts as long as the
/// process, and it works from this machine alone.
/// </summary>
internal sealed class DevelopmentSignIn(AccessDirectory directory, AuditLog audit, TimeProvider time)
{
    private const string Path = "/sign-in/development";
    private const string Email = "developer@localhost";

    private readonly string _secret = Secret.Make();

    /// <summary>The link's path and query.</summary>
    public string Link => $"{Path}?secret={_secret}";

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();

    private async Task<IResult> SignInAsync(HttpContext context, string? secret, SignInManager<Account> signIn, UserManager<Account> users)
    {
        var isHere = context.Connection.RemoteIpAddress is null || IPAddress.IsLoopback(context.Connection.RemoteIpAddress);
        if (!isHere || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret ?? string.Empty), Encoding.UTF8.GetBytes(_secret)))
        {
            return Results.Redirect("/sign-in");
        }

        var account = await users.FindByNameAsync(Email);
        if (account is null)
        {
            account = new() { UserName = Email, Email = Email, EmailConfirmed = true, Role = Role.Administrator, Created = time.GetUtcNow() };
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.User, null, "made the administrator that the development link signs in"), context.RequestAborted);
            await users.CreateAsync(account);
            await directory.ReloadAsync(context.RequestAborted);
        }

        await signIn.SignInAsync(account, isPersistent: false, "development link");
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect("/");
    }
}
