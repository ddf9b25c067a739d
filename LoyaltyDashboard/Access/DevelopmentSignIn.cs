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
internal sealed class DevelopmentSignIn(AccessDirectory directory, AuditLog audit, TimeProvider time) : IDisposable
{
    private const string Path = "/sign-in/development";
    private const string Email = "developer@localhost";

    private readonly string _secret = Secret.Make();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The link's path and query.</summary>
    public string Link => $"{Path}?secret={_secret}";

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, SignInAsync).AllowAnonymous().ExcludeFromDescription();

    private async Task<IResult> SignInAsync(HttpContext context, string? secret, SignInManager<Account> signIn, UserManager<Account> users)
    {
        var isHere = context.Connection.RemoteIpAddress is null || IPAddress.IsLoopback(context.Connection.RemoteIpAddress);
        if (!isHere || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(secret ?? string.Empty), Encoding.UTF8.GetBytes(_secret)))
        {
            return Results.Redirect("/sign-in");
        }

        await signIn.SignInAsync(await AccountAsync(users, context.RequestAborted), isPersistent: false, "development link");
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect("/");
    }

    // Of two clicks at once, one makes it.
    private async Task<Account> AccountAsync(UserManager<Account> users, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (await users.FindByNameAsync(Email) is { } known)
            {
                return known;
            }

            var account = new Account { UserName = Email, Email = Email, EmailConfirmed = true, Role = Role.Administrator, Created = time.GetUtcNow() };
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.User, null, "made the administrator that the development link signs in"), cancellation);
            if (await users.CreateAsync(account) is { Succeeded: false } result)
            {
                throw new InvalidOperationException($"The account of the development link cannot be made: {string.Join(" ", result.Errors.Select(e => e.Description))}");
            }

            await directory.ReloadAsync(CancellationToken.None);
            return account;
        }
        finally
        {
            _turn.Release();
        }
    }
}
