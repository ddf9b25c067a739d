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

    /// <summary>Returns when a long piece is done. It is not tried again.</summary>
    /// <exception cref="InvalidOperationException">The writer refused it.</exception>
    internal async Task WriteOnceAsync(IngestItem piece, CancellationToken cancellation)
    {
        if ((await queue.EnqueueAsync(piece, cancellation)).Status != IngestStatus.Committed)
        {
            throw new InvalidOperationException("The database could not be written anew; nothing is lost, and the log says why. It takes as much room as the file has, once beside the database and once in the directory for temporary files.");
        }
    }

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
