namespace LoyaltyDashboard.Access;

/// <summary>What is audited, as the words that stand in the log.</summary>
public static class AuditAction
{
    /// <summary>Somebody signed in.</summary>
    public const string SignIn = "sign-in";

    /// <summary>Somebody tried to, in vain.</summary>
    public const string SignInFailed = "sign-in-failed";

    /// <summary>An account was locked after too many tries.</summary>
    public const string LockedOut = "locked-out";

    /// <summary>Somebody signed out.</summary>
    public const string SignOut = "sign-out";

    /// <summary>Somebody asked to see personal data as they are.</summary>
    public const string Reveal = "reveal";

    /// <summary>A list was exported.</summary>
    public const string Export = "export";

    /// <summary>A script read personal data as they are.</summary>
    public const string ReadClear = "read-clear";

    /// <summary>An account was made, changed or removed, or its password, passkeys or second factor.</summary>
    public const string User = "user";

    /// <summary>An API key was made or revoked.</summary>
    public const string Key = "key";

    /// <summary>A one-time link was made or used.</summary>
    public const string Link = "link";

    /// <summary>Personal data or deliveries whose time was over were removed.</summary>
    public const string Retention = "retention";

    /// <summary>A person was forgotten.</summary>
    public const string Forget = "forget";

    /// <summary>Imports were deleted.</summary>
    public const string Delete = "delete";

    /// <summary>A setting is another one than at the start before.</summary>
    public const string Settings = "settings";

    /// <summary>A delivery was decoded again.</summary>
    public const string DecodeAgain = "decode-again";

    /// <summary>A test import was sent.</summary>
    public const string TestImport = "test-import";

    /// <summary>Wix was asked at once.</summary>
    public const string Refresh = "refresh";

    /// <summary>Lines of this log are gone. Written by the log itself.</summary>
    public const string Gap = "gap";

    /// <summary>All of them, for a menu.</summary>
    public static IReadOnlyList<string> All { get; } =
        [SignIn, SignInFailed, LockedOut, SignOut, Reveal, Export, ReadClear, User, Key, Link, Retention, Forget, Delete, Settings, DecodeAgain, TestImport, Refresh, Gap];

    /// <summary>Before a word of the log, in a filter: all but that one.</summary>
    public const char Not = '-';

    /// <summary>Whether something is a word of the log, or one to be left out.</summary>
    public static bool IsFilter(string? text) => text is not null && All.Contains(text is [Not, .. var left] ? left : text);
}
