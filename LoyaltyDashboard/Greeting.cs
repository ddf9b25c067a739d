using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard;

/// <summary>What the console says once the program can be opened: where, and the link that signs in where there is one.</summary>
internal sealed class Greeting(Addresses addresses, StartLink link, EfCoreWakeUp wakeUp, IHostEnvironment environment) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _saying = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // The doors are open; making a link is not for them to wait for.
        _saying = Task.Run(SayAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => _saying;

    private async Task SayAsync()
    {
        var open = addresses.ToOpen;
        Console.WriteLine($"LoyaltyDashboard is ready: open {string.Join(" or ", open)}");
        try
        {
            if (!environment.IsDevelopment())
            {
                // Whatever comes to the doors first goes before the link, too; and a stop need not wait for what it takes to wake up.
                await wakeUp.Awake.WaitAsync(_stopping.Token);
            }

            if (open is [var address, ..] && await link.MakeAsync(_stopping.Token) is { } path)
            {
                Console.WriteLine(environment.IsDevelopment()
                    ? $"Sign in with one click: {address}{path}"
                    : $"Nobody can sign in yet. This link makes the first administrator; it works once, within {Links.AdministratorLength.TotalMinutes:0} minutes: {address}{path}");
            }
        }
        catch (OperationCanceledException)
        {
            // It was stopped before anybody could use a link.
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"No link to sign in could be made: {exception.Message} Mend that, and start again, or run LoyaltyDashboard -- admin-link.");
        }
    }
}
