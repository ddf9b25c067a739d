namespace LoyaltyDashboard.Access;

/// <summary>What is to stand in the audit log: never a personal datum in clear.</summary>
/// <param name="Actor">Who: <see cref="Reader.Actor"/>.</param>
/// <param name="Action">What was done: one of <see cref="AuditAction"/>.</param>
/// <param name="Subject">To what, such as <c>import:…</c>, <c>user:5</c>; null where there is nothing to name.</param>
/// <param name="Detail">What else there is to say, in a few words.</param>
public sealed record AuditEntry(string Actor, string Action, string? Subject = null, string? Detail = null)
{
    /// <summary>The actor when nobody asked for it: the program itself.</summary>
    public const string Program = "system";

    /// <summary>The actor of what is started as a command on the machine.</summary>
    public const string Command = "command";
}
