using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Waiting = LoyaltyDashboard.Ingest.IngestQueue.Waiting;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// Durable group commit. One loop, one connection: take all that waits, write it in one transaction, commit, release every waiting request with its
/// own outcome, publish the changed ids once. The batching window is the previous commit; there is no timer. It never drops.
/// </summary>
public sealed class ImportWriter(
    IngestQueue queue, SqliteConnectionStringBuilder connection, ImportFeed imports, DeliveryFeed deliveries, TimeProvider time, ILogger<ImportWriter> logger) : BackgroundService
{
    /// <summary>Deliveries in one transaction at most. Larger ones gain nothing and make the first of them wait.</summary>
    public const int MostPerBatch = 512;

    /// <summary>Lines about rejected requests that are kept.</summary>
    public const int MostRejectedLines = 10_000;

    private const int MostBytesPerBatch = 16 * 1024 * 1024;

    private static readonly TimeSpan _sideNoteDelay = TimeSpan.FromSeconds(1);

    private readonly List<Waiting> _batch = [];
    private WriterSession? _session;
    private WriterFollowers? _followers;
    private Task<bool>? _arrival;

    /// <summary>How a session is opened; tests open one on a database that is full.</summary>
    internal Func<string, WriterSession> OpenSession { get; init; } = connectionString => new WriterSession(connectionString);

    private WriterFollowers Followers => _followers ??= new(queue, () => _session, () => _session ??= OpenSession(connection.ConnectionString), CloseSession, time, logger);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        // Refuse new work, then let the loop finish what was accepted: it ends by itself when the queue is empty.
        queue.Close();
        if (ExecuteTask is { } loop)
        {
            await Task.WhenAny(loop, Task.Delay(Timeout.Infinite, cancellationToken));
        }

        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    // A thread of its own: it waits for the disk most of the time, and must not stand behind requests when there is something to write.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    private void Run()
    {
        bool isOpen;
        do
        {
            isOpen = WaitForWork();
            var began = time.GetTimestamp();

            // Nothing in this body may throw out of the loop: a writer that ends quietly would turn every webhook into a 503.
            try
            {
                TakeBatch();
                WriteBatch();
            }
            catch (Exception exception)
            {
                logger.LogError(exception, "The writer met an unexpected fault; the batch was refused");
                Release(_batch, IngestResult.Unavailable);
                CloseSession();
            }

            Followers.KeepNear();
            queue.NoteTurn(_batch.Count, time.GetElapsedTime(began));
        }
        while (isOpen);

        CloseSession();
    }

    // Returns when there is something to write; false when the queue is closed and empty, so that the batch after it is the last.
    private bool WaitForWork()
    {
        if (queue.Reader.TryPeek(out _))
        {
            return true;
        }

        // Kept over a turn that only wrote side notes: a channel with one reader bears one wait at a time.
        _arrival ??= queue.Reader.WaitToReadAsync().AsTask();
        while (!_arrival.IsCompleted)
        {
            // Side notes ride with the next batch; only when none comes for a while do they get a transaction of their own.
            using var noPause = new CancellationTokenSource();
            var pause = Task.Delay(_sideNoteDelay, time, noPause.Token);
            if (Task.WaitAny(_arrival, pause) == 1)
            {
                Followers.CatchUp();
                if (queue.HasSideNotes)
                {
                    return true;
                }
            }

            noPause.Cancel();
        }

        var isOpen = _arrival.GetAwaiter().GetResult();
        _arrival = null;
        return isOpen;
    }

    private void TakeBatch()
    {
        _batch.Clear();
        var bytes = 0;
        while (_batch.Count < MostPerBatch && bytes < MostBytesPerBatch && queue.Reader.TryRead(out var waiting))
        {
            queue.Taken(waiting);
            bytes += waiting.Bytes;
            _batch.Add(waiting);
        }
    }

    private void WriteBatch()
    {
        try
        {
            WriteTogether(_batch, withSideNotes: true);
        }
        catch (SqliteException exception) when (IsDatabaseFault(exception))
        {
            // The database, not an item, is at fault: one by one would only make everybody wait longer.
            RefuseAll(exception);
        }
        catch (Exception exception)
        {
            logger.LogWarning(exception, "A batch of {Count} failed; writing one by one", _batch.Count);
            CloseSession();
            WriteOneByOne();
        }
    }

    private void WriteTogether(List<Waiting> batch, bool withSideNotes)
    {
        if (batch.Count == 0 && !(withSideNotes && queue.HasSideNotes))
        {
            return;
        }

        _session ??= OpenSession(connection.ConnectionString);
        var results = new IngestResult[batch.Count];
        var changed = new HashSet<ChangedImport>();
        using (var transaction = _session.Begin())
        {
            for (var i = 0; i < batch.Count; i++)
            {
                // Nothing to do, unless the rules for what may be kept have changed while it waited.
                batch[i].Item?.Prepare(queue.Keeping);

                // A probe writes nothing: the lock and the commit are what it asks for.
                results[i] = batch[i].Item is { } item ? _session.Apply(item, changed) : new(IngestStatus.Committed, default, 0);
            }

            if (withSideNotes)
            {
                WriteSideNotes();
            }

            transaction.Commit();
        }

        queue.RefusedAt = null;

        for (var i = 0; i < batch.Count; i++)
        {
            if (batch[i].Item is not Chore)
            {
                batch[i].Done.TrySetResult(results[i]);
            }
        }

        Publish(changed);
        TendLog();
        foreach (var waiting in batch.Where(waiting => waiting.Item is Chore))
        {
            Do(waiting);
        }
    }

    // A fault of a chore is told to who asked for it, and is nobody else's.
    private void Do(Waiting waiting)
    {
        try
        {
            ((Chore)waiting.Item!).Run(_session ??= OpenSession(connection.ConnectionString));
            waiting.Done.TrySetResult(new(IngestStatus.Committed, default, 0));
        }
        catch (Exception exception)
        {
            logger.LogWarning("{Chore} could not be done: {Reason}", waiting.Item!.GetType().Name, exception.Message);
            waiting.Done.TrySetResult(IngestResult.Unavailable);
            CloseSession();
        }
    }

    // All are answered. A fault here is no fault of theirs; the next batch will meet it again if it lasts.
    private void TendLog()
    {
        try
        {
            _session?.TendLog();
        }
        catch (SqliteException exception)
        {
            logger.LogWarning("The write-ahead log could not be shortened: {Reason}", exception.Message);
        }
    }

    // What is committed must not look failed to the caller, who would write it once more.
    private void Publish(HashSet<ChangedImport> changed)
    {
        try
        {
            imports.Publish(changed);
            deliveries.Publish();
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "A commit could not be told to those who watch");
        }
    }

    private void WriteSideNotes()
    {
        for (var i = 0; i < MostPerBatch && queue.TryTakeAnswerTime(out var answer); i++)
        {
            _session!.NoteAnswer(answer.RowId, answer.Microseconds);
        }

        var lines = 0;
        while (lines < MostPerBatch && queue.TryTakeRejected(out var rejected))
        {
            _session!.NoteRejected(rejected! with { Cause = queue.Keeping?.Text(rejected.Cause) ?? rejected.Cause });
            lines++;
        }

        if (lines > 0)
        {
            _session!.TrimRejected(MostRejectedLines);
        }
    }

    private void WriteOneByOne()
    {
        foreach (var waiting in _batch)
        {
            try
            {
                WriteTogether([waiting], withSideNotes: false);
            }
            catch (SqliteException exception) when (IsDatabaseFault(exception))
            {
                RefuseAll(exception);
                return;
            }
            catch (Exception exception)
            {
                CloseSession();
                Quarantine(waiting, exception);
            }
        }
    }

    // An authentic delivery that breaks the writer would be sent, and break it, for two days. Keeping its body raw ends that.
    private void Quarantine(Waiting waiting, Exception fault)
    {
        if (waiting.Item is not Delivery delivery)
        {
            // Wix is asked again; nothing has to be kept.
            logger.LogError(fault, "An answer of Wix could not be stored");
            waiting.Done.TrySetResult(IngestResult.Unavailable);
            return;
        }

        logger.LogError(fault, "One delivery could not be stored as it is; it is kept for decoding again");
        try
        {
            var raw = delivery with { Observation = null, OutcomeWithoutImport = DeliveryOutcome.Quarantined, Cause = "The import could not be stored; its body is kept." };
            WriteTogether([waiting with { Item = raw }], withSideNotes: false);
        }
        catch (Exception exception)
        {
            logger.LogError(exception, "One delivery could not be stored at all; it was refused and will be sent again");
            CloseSession();
            waiting.Done.TrySetResult(IngestResult.Unavailable);
        }
    }

    private void RefuseAll(SqliteException exception)
    {
        queue.RefusedAt = time.GetUtcNow();
        logger.LogError("The database refused a batch of {Count}: {Reason}; deliveries in it were answered 503", _batch.Count, exception.Message);
        // First who waits: closing may wait for the disk, which is what failed.
        Release(_batch, IngestResult.Unavailable);
        CloseSession();
    }

    private void CloseSession()
    {
        var session = _session;
        _session = null;
        try
        {
            session?.Dispose();
        }
        catch (Exception exception)
        {
            // The loop goes on with a new one.
            logger.LogWarning(exception, "The writer's connection did not close cleanly");
        }
    }

    private static void Release(List<Waiting> batch, IngestResult result)
    {
        foreach (var waiting in batch)
        {
            waiting.Done.TrySetResult(result);
        }
    }

    private static bool IsDatabaseFault(SqliteException exception) => exception.SqliteErrorCode is
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL or raw.SQLITE_IOERR or raw.SQLITE_CORRUPT or raw.SQLITE_READONLY or raw.SQLITE_CANTOPEN or raw.SQLITE_NOTADB or raw.SQLITE_NOMEM;
}
