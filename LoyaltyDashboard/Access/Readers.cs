using System.Globalization;
using System.Security.Claims;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Access;

/// <summary>Turns whoever is signed in, or holds a key, into a <see cref="Reader"/>.</summary>
public sealed class Readers(AccessDirectory directory, Reveals reveals)
{
    /// <summary>What this user may see and do at this moment; <see cref="Reader.Nobody"/> when not signed in, or no longer.</summary>
    public Reader Of(ClaimsPrincipal? user)
    {
        if (user?.FindFirstValue(AccessClaims.Key) is { } row)
        {
            return directory.Key(long.Parse(row, CultureInfo.InvariantCulture)) is { } key ? new($"key:{key.RowId}", key.Role, key.Sites, key.Role >= Role.Operator && user.HasClaim(claim => claim.Type == AccessClaims.AtApi), IsKey: true) : Reader.Nobody;
        }

        return AccessClaims.SessionOf(user) is { } session && directory.OfSession(session) is { Role: not Role.None } account
            ? new(Reader.ActorOf(account.Id), account.Role, account.Sites, account.Role >= Role.Operator && reveals.Until(session) is not null)
            : Reader.Nobody;
    }
}
