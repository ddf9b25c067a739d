using System.Security.Claims;

namespace LoyaltyDashboard.Access;

/// <summary>What a user carries. Neither says what they may: that is asked at each question.</summary>
internal static class AccessClaims
{
    /// <summary>The secret of a session.</summary>
    public const string Session = "session";

    /// <summary>The row of an API key.</summary>
    public const string Key = "key";

    /// <summary>That a key asks at the API, where each clear read is audited; on pages it sees masks.</summary>
    public const string AtApi = "at-api";

    /// <summary>The hash of the user's session; null when they have none.</summary>
    public static byte[]? SessionOf(ClaimsPrincipal? user) => user?.FindFirstValue(Session) is { } secret ? Secret.Hash(secret) : null;
}
