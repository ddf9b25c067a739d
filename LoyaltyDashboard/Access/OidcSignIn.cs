using System.Globalization;
using System.Security.Claims;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

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
            Sites = options.Value.Oidc.Sites is { Count: > 0 } sites ? [.. sites] : null,
            Created = time.GetUtcNow(),
            SecurityStamp = Guid.NewGuid().ToString("N"),
        };
        await audit.AppendAsync(new(AuditEntry.Program, AuditAction.User, null, $"makes an account for somebody whom OpenID Connect sends; role {role}, {ScopeWords.Of(account.Sites)}"), cancellation);
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
        catch (DbUpdateException exception) when (exception.InnerException is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CONSTRAINT })
        {
            // The same person from two windows at once: the other one made it.
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.User, null, "not done: makes an account for somebody whom OpenID Connect sends"), CancellationToken.None);
            return await FindAsync(issuer, subject, cancellation);
        }

        await audit.AppendAsync(new(Reader.ActorOf(account.Id), AuditAction.User, Reader.ActorOf(account.Id), $"made by OpenID Connect; role {role}, {ScopeWords.Of(account.Sites)}"), CancellationToken.None);
        await directory.ReloadAsync(CancellationToken.None);
        return account.Id;
    }

    private async Task TakeRoleAsync(long id, Role role, CancellationToken cancellation)
    {
        Role before;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            before = await database.Accounts.Where(a => a.Id == id).Select(a => a.Role).FirstOrDefaultAsync(cancellation);
        }

        if (before != role)
        {
            await audit.AppendAsync(new(Reader.ActorOf(id), AuditAction.User, Reader.ActorOf(id), $"role {role}, by OpenID Connect"), cancellation);
        }

        // Another stamp, as in People: what a request read before does not bring the old role back.
        var stamp = Guid.NewGuid().ToString();
        int changed;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            changed = await database.Accounts.Where(a => a.Id == id && a.Role != role).ExecuteUpdateAsync(set => set.SetProperty(a => a.Role, role).SetProperty(a => a.ConcurrencyStamp, stamp), cancellation);
        }

        if (changed > 0)
        {
            await directory.ReloadAsync(CancellationToken.None);
        }

        if (role == Role.None)
        {
            await sessions.EndAllAsync(id, cancellation: CancellationToken.None);
        }
    }

    private Task RefuseAsync(long? id, string why) =>
        failed.NoteAsync(new(Reader.Nobody.Actor, AuditAction.SignInFailed, id is { } known ? Reader.ActorOf(known) : null, $"by OpenID Connect: {why}"));
}
