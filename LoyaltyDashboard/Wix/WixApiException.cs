namespace LoyaltyDashboard.Wix;

/// <summary>What went wrong between us and Wix's APIs.</summary>
public enum WixApiFault
{
    /// <summary>Wix does not know what was asked for.</summary>
    NotFound,

    /// <summary>Wix does not let us: 403, or it gives no token for the site (<see cref="WixApiException.TokenRefused"/>).</summary>
    Refused,

    /// <summary>Wix asks for fewer requests.</summary>
    TooManyRequests,

    /// <summary>Wix could not be reached, did not answer in time, broke off, or has a fault of its own (5xx). A later try may succeed.</summary>
    Unavailable,

    /// <summary>Wix takes the request for wrong: any other 4xx, with a 401 that a new token did not mend.</summary>
    Rejected,

    /// <summary>The answer is not what Wix documents.</summary>
    NotUnderstood,
}

/// <summary>
/// A call to Wix's APIs that failed. The message is one sentence for the operator; it holds no token, no secret, no link and no body. There is no
/// inner exception for the same reason.
/// </summary>
public sealed class WixApiException : Exception
{
    internal WixApiException(WixApiFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>What went wrong.</summary>
    public WixApiFault Fault { get; }

    /// <summary>The status of the answer; null if there was none.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How long Wix asks to wait before the next try, from the moment of the answer.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Wix's own code for the fault, or OAuth's: short and clean text.</summary>
    public string? Code { get; init; }

    /// <summary>Whether it was a token that was refused: the app is not installed on the site, or its id or secret is wrong.</summary>
    public bool TokenRefused { get; init; }
}
