using System.Threading.RateLimiting;

namespace LoyaltyDashboard.Access;

/// <summary>
/// A password takes a core for a tenth of a second on purpose. However many try, from however many addresses, the doors keep a core. A turn is held while a password is looked at, and
/// not while the form arrives that brings it: whoever sends slowly would keep everybody else out.
/// </summary>
public sealed class PasswordTurns : IDisposable
{
    /// <summary>Passwords looked at at the same time.</summary>
    public static readonly int Most = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Forms that wait for a turn.</summary>
    public const int MostWaiting = 100;

    private readonly ConcurrencyLimiter _limiter = new(new() { PermitLimit = Most, QueueLimit = MostWaiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Waits for a turn, which ends when it is disposed of.</summary>
    /// <exception cref="BadHttpRequestException">Too many wait already.</exception>
    public async Task<IDisposable> TakeAsync()
    {
        var turn = await _limiter.AcquireAsync(1, CancellationToken.None);
        if (!turn.IsAcquired)
        {
            turn.Dispose();
            throw new BadHttpRequestException("Too many sign in at this moment. Try again in a few seconds.", StatusCodes.Status429TooManyRequests);
        }

        return turn;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
