using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Before the first request: reads who may what, takes the keys of the configuration, and makes the administrator that it names. After <see cref="DatabaseSetup"/>, which it needs.</summary>
internal sealed class AccessStart(IServiceScopeFactory scopes, AccessDirectory directory, ApiKeys keys, SettingsLog settings, AuditLog audit, IOptions<AccessOptions> options, TimeProvider time, ILogger<AccessStart> logger) : IHostedLifecycleService
{
    private Task _telling = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await directory.ReloadAsync(cancellationToken);
        var isChanged = await keys.TakeConfiguredAsync(cancellationToken);
        if (directory.IsEmpty && options.Value.Admin is { Email: { Length: > 0 } email, Password: { Length: > 0 } password })
        {
            await MakeAdministratorAsync(email.Trim(), password);
            isChanged = true;
        }

        if (isChanged)
        {
            await directory.ReloadAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // The doors are open; this is not for them to wait for.
        _telling = Task.Run(TellSettingsAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => _telling;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task TellSettingsAsync()
    {
        try
        {
            await settings.TellAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Nothing waits for it, and the stop must not fail for it.
            logger.LogWarning("Changed settings could not be audited; the next start tries again: {Reason}", exception.Message);
        }
    }

    private async Task MakeAdministratorAsync(string email, string password)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        await audit.AppendAsync(new(AuditEntry.Program, AuditAction.User, null, "made the administrator that Access:Admin names"), CancellationToken.None);
        var result = await users.CreateAsync(new() { UserName = email, Email = email, EmailConfirmed = true, Role = Role.Administrator, Created = time.GetUtcNow() }, password);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"Access:Admin cannot be made an account: {string.Join(" ", result.Errors.Select(e => e.Description))} Change Access:Admin:Email or Access:Admin:Password.");
        }

        logger.LogInformation("Made the administrator that Access:Admin names");
    }
}
