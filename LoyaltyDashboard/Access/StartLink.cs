namespace LoyaltyDashboard.Access;

/// <summary>The link to print at the start.</summary>
public sealed class StartLink(IServiceProvider services, AccessDirectory directory, Links links, AuditLog audit)
{
    /// <summary>Its path: in Development the one that signs straight in, and while there is no user the one that makes the first; null otherwise.</summary>
    public async Task<string?> MakeAsync(CancellationToken cancellation)
    {
        if (services.GetService<DevelopmentSignIn>() is { } development)
        {
            return development.Link;
        }

        if (!directory.IsEmpty)
        {
            return null;
        }

        // Once begun it is done whole, and waited for: the log must not tell of a link that there is not, nor a connection be open behind a stop.
        cancellation.ThrowIfCancellationRequested();
        await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Link, null, "made a link that makes an administrator"), CancellationToken.None);
        return await links.ForAdministratorAsync(CancellationToken.None);
    }
}
