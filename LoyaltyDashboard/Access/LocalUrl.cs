namespace LoyaltyDashboard.Access;

/// <summary>Where to go after a sign-in: a page of this program, or its home page. An address that leads elsewhere is a trap.</summary>
public static class LocalUrl
{
    /// <summary>The page, if it is one of ours; else the home page.</summary>
    public static string Of(string? url) => IsLocal(url) ? url! : "/";

    // A browser takes // and /\ for another host, and skips control characters before it looks.
    private static bool IsLocal(string? url) => url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) && !url.StartsWith("/sign-", StringComparison.OrdinalIgnoreCase);
}
