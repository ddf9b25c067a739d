namespace LoyaltyDashboard.Access;

/// <summary>Notes who reads personal data as they are, before they get them. A person's reveal is noted when it begins; a script has none, so each of its reads is.</summary>
public static class ClearReads
{
    /// <summary>Notes a read by a script that sees personal data as they are. Of everybody else, nothing.</summary>
    /// <param name="audit">The log.</param>
    /// <param name="reader">Who reads.</param>
    /// <param name="subject">What.</param>
    /// <param name="detail">The filter, where there is one.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task NoteClearReadAsync(this AuditLog audit, Reader reader, string subject, string? detail, CancellationToken cancellation) =>
        reader is { IsKey: true, SeesClear: true } ? audit.AppendAsync(new(reader.Actor, AuditAction.ReadClear, subject, detail), cancellation) : Task.CompletedTask;
}
