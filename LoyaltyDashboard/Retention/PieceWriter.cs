using LoyaltyDashboard.Ingest;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Retention;

/// <summary>Brings pieces to the writer, one at a time. A writer that is busy is asked again: taking away has time.</summary>
public sealed class PieceWriter(IngestQueue queue, TimeProvider time)
{
    private const int MostTries = 300;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when a piece is committed.</summary>
    /// <exception cref="InvalidOperationException">The writer refused it all the while.</exception>
    internal async Task<T> WriteAsync<T>(T piece, CancellationToken cancellation) where T : IngestItem
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if ((await queue.EnqueueAsync(piece, cancellation)).Status == IngestStatus.Committed)
            {
                return piece;
            }

            await Task.Delay(_pause, time, cancellation);
        }

        throw new InvalidOperationException("The database is busy or full, so nothing more could be removed. What was removed so far stays removed; it goes on when it is started again, and by itself the next night.");
    }

    /// <summary>Returns when a long piece is done, or refused: it is not tried again, for each try holds up all that wait.</summary>
    /// <returns>Whether it was done.</returns>
    internal async Task<bool> TryOnceAsync(IngestItem piece, CancellationToken cancellation) => (await queue.EnqueueAsync(piece, cancellation)).Status == IngestStatus.Committed;

    /// <summary>Returns when all that was brought before is committed.</summary>
    internal async Task CatchUpAsync(CancellationToken cancellation)
    {
        while ((await queue.ProbeAsync(cancellation)).Status != IngestStatus.Committed)
        {
            await Task.Delay(_pause, time, cancellation);
        }
    }

    /// <summary>Cuts the write-ahead log to nothing.</summary>
    /// <returns>False, if somebody read from it all the while: it is cut when the program ends, at the latest.</returns>
    internal async Task<bool> EmptyLogAsync(CancellationToken cancellation)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if ((await WriteAsync(new EmptyLog(), cancellation)).IsEmpty)
            {
                return true;
            }

            await Task.Delay(_pause, time, cancellation);
        }

        return false;
    }
}
