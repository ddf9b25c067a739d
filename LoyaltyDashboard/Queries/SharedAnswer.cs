using System.Diagnostics.CodeAnalysis;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// One answer for all who ask the same at about the same time, such as every open page after each commit. Nobody gets an answer that is older than his question: one is used
/// again only while nothing was added since it was begun, and not for long, for not every change is counted. While things keep changing, a question that is dear is asked the
/// less often: whoever comes too early waits for the next answer, and all who wait share it.
/// </summary>
/// <param name="version">A number that grows with what the answer is made of.</param>
/// <param name="ask">Asks.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("Design", "CA1001", Justification = "Nobody asks for the semaphore's wait handle, which is all that there is to dispose of.")]
internal sealed class SharedAnswer<T>(Func<CancellationToken, Task<long>> version, Func<CancellationToken, Task<T>> ask, TimeProvider time)
{
    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest rest between two answers.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(500);

    // Asking takes a tenth of the time at most.
    private const int RestByCost = 9;

    private readonly SemaphoreSlim _turn = new(1);
    private Answer? _last;

    /// <summary>The answer, no older than the call.</summary>
    public async Task<T> GetAsync(CancellationToken cancellation)
    {
        var wanted = await version(cancellation);
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_last is { } last)
            {
                if (last.Version >= wanted && time.GetElapsedTime(last.Begun) <= Lifetime)
                {
                    return last.Value;
                }

                var rest = last.Rest - time.GetElapsedTime(last.Ended);
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, time, cancellation);
                }
            }

            var begun = time.GetTimestamp();
            var known = await version(cancellation);
            var value = await ask(cancellation);
            var cost = time.GetElapsedTime(begun) * RestByCost;
            _last = new(value, known, begun, time.GetTimestamp(), cost < LongestRest ? cost : LongestRest);
            return value;
        }
        finally
        {
            _turn.Release();
        }
    }

    private sealed record Answer(T Value, long Version, long Begun, long Ended, TimeSpan Rest);
}
