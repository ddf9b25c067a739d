namespace LoyaltyDashboard.Access;

/// <summary>The link to print at the start.</summary>
public sealed class StartLink(IServiceProvider services, AccessDirectory directory, Links links)
{
    /// <summary>Its path: in Development the one that signs straight in, and while there is no user the one that makes the first; null otherwise.</summary>
    public async Task<string?> MakeAsync() =>
        services.GetService<DevelopmentSignIn>() is { } development ? development.Link
        : directory.IsEmpty ? await links.ForAdministratorAsync(CancellationToken.None)
        : null;
}
