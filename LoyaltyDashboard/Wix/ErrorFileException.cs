namespace LoyaltyDashboard.Wix;

/// <summary>Why an error file could not be had.</summary>
public enum ErrorFileFault
{
    /// <summary>No app secret is set, so that Wix cannot be asked.</summary>
    NoSecret,

    /// <summary>Wix has no such file.</summary>
    Missing,

    /// <summary>Wix, or the place it points to, refuses or answers what is not an error file.</summary>
    Refused,

    /// <summary>Nobody answers, Wix asks us to wait, or the connection broke.</summary>
    Unreachable,

    /// <summary>The answer did not come in time.</summary>
    TooSlow,

    /// <summary>The reader asked for too many in a short time.</summary>
    TooOften,

    /// <summary>The file is larger than we take.</summary>
    TooLarge,
}

/// <summary>An error file could not be had. The message is a sentence for people; it never holds the link, which lets anyone read the file.</summary>
public sealed class ErrorFileException(ErrorFileFault fault, string message) : Exception(message)
{
    /// <summary>The kind of trouble.</summary>
    public ErrorFileFault Fault { get; } = fault;

    /// <summary>How long to wait before the next try; null if nobody said.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
