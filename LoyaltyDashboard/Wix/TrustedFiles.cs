namespace LoyaltyDashboard.Wix;

/// <summary>
/// Links that may lead to this machine, and over plain http: the exception from <see cref="ErrorFileLink"/>'s rules. Registered only by who serves such files;
/// without one there is no exception.
/// </summary>
/// <param name="Covers">Whether a link is meant.</param>
public sealed record TrustedFiles(Func<Uri, bool> Covers);
