using System.Collections.Concurrent;
using System.Threading.Channels;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// The one way to the writer, for doors and for answers of Wix's API alike. Bounded: what does not fit is turned away at once, nothing is ever dropped after it was accepted.
/// Beside these, side notes wait that nobody waits for (times to answer, rejected requests); they ride with the next batch.
/// </summary>
public sealed class IngestQueue(TimeProvider time, Keeping? keeping = null)
{
    /// <summary>Items that may wait. Deliveries: at 3 KB each some 24 MB; the largest possible bodies are bounded by <see cref="MostBytes"/>.</summary>
    public const int Capacity = 8_192;

    /// <summary>Bytes of bodies that may wait.</summary>
    public const long MostBytes = 128L * 1024 * 1024;

    private const int MostSideNotes = 16_384;

    // Wait mode, never a dropping one: TryWrite must say no when it is full. The writer waits on a thread of its own, and is woken without a detour.
    private readonly Channel<Waiting> _channel = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly ConcurrentQueue<(long RowId, long Microseconds)> _answerTimes = new();
    private readonly ConcurrentQueue<RejectedDelivery> _rejected = new();
    private readonly WriterPace _pace = new(time);
    private long _bytes;
    private int _ahead;
    private long _refusedAt;

    /// <summary>Queues something and waits for its commit. Cancelling gives up the wait, not the write.</summary>
    public Task<IngestResult> EnqueueAsync(IngestItem item, CancellationToken cancellation)
    {
        try
        {
            item.Prepare(keeping);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The writer will meet the same fault, and knows what to do with an item that cannot be written.
        }

        var waiting = new Waiting(item, item.Bytes, new TaskCompletionSource<IngestResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (Interlocked.Add(ref _bytes, waiting.Bytes) > MostBytes || !TryWrite(waiting))
        {
            Interlocked.Add(ref _bytes, -waiting.Bytes);
            return Task.FromResult(IngestResult.Unavailable);
        }

        return waiting.Done.Task.WaitAsync(cancellation);
    }

    /// <summary>
    /// Whether what is queued now can be committed within a time, as fast as the writer was of late. Where it cannot, a refusal at once is worth more than a wait: what waits
    /// in vain is written all the same, and makes all behind it late as well, until nobody is answered in time.
    /// </summary>
    public bool CanCommitWithin(TimeSpan time)
    {
        // Below that, the turn that is under way or the next may be too small to tell the pace: refusing then, nothing would tell that the writer is fast again.
        var ahead = Volatile.Read(ref _ahead);
        return ahead < 2 * WriterPace.LeastItems || _pace.Of(ahead) < time;
    }

    /// <summary>Asks the writer for a commit of nothing: it tells that the writer's loop lives and that the database can be written, without standing in its way.</summary>
    public Task<IngestResult> ProbeAsync(CancellationToken cancellation)
    {
        var waiting = new Waiting(null, 0, new TaskCompletionSource<IngestResult>(TaskCreationOptions.RunContinuationsAsynchronously));
        return TryWrite(waiting) ? waiting.Done.Task.WaitAsync(cancellation) : Task.FromResult(IngestResult.Unavailable);
    }

    /// <summary>Notes how long an answer took. Best effort.</summary>
    public void NoteAnswer(long deliveryRowId, long microseconds)
    {
        if (_answerTimes.Count < MostSideNotes)
        {
            _answerTimes.Enqueue((deliveryRowId, microseconds));
        }
    }

    /// <summary>Notes a request that was turned away. Best effort.</summary>
    public void NoteRejected(RejectedDelivery rejected)
    {
        if (_rejected.Count < MostSideNotes)
        {
            _rejected.Enqueue(rejected);
        }
    }

    /// <summary>When the database last refused a batch; null once one was committed again.</summary>
    public DateTimeOffset? RefusedAt
    {
        get => Interlocked.Read(ref _refusedAt) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;
        internal set => Interlocked.Exchange(ref _refusedAt, value?.UtcTicks ?? 0);
    }

    /// <summary>Says what may be kept; null: all.</summary>
    internal Keeping? Keeping => keeping;

    internal ChannelReader<Waiting> Reader => _channel.Reader;

    /// <summary>Whether nobody waits to be taken. A queue that was closed is not idle: the writer is to end.</summary>
    internal bool IsIdle => !Reader.TryPeek(out _) && !Reader.Completion.IsCompleted;

    internal bool HasSideNotes => !_answerTimes.IsEmpty || !_rejected.IsEmpty;

    /// <summary>Refuses new work; what was accepted stays.</summary>
    internal void Close() => _channel.Writer.TryComplete();

    /// <summary>Notes that what the writer took is done with, whatever became of it. Called by the writer's thread alone.</summary>
    internal void NoteTurn(int items, TimeSpan took)
    {
        Interlocked.Add(ref _ahead, -items);
        _pace.Note(items, took);
    }

    internal void Taken(Waiting waiting) => Interlocked.Add(ref _bytes, -waiting.Bytes);

    internal bool TryTakeAnswerTime(out (long RowId, long Microseconds) answer) => _answerTimes.TryDequeue(out answer);

    internal bool TryTakeRejected(out RejectedDelivery? rejected) => _rejected.TryDequeue(out rejected);

    private bool TryWrite(Waiting waiting)
    {
        Interlocked.Increment(ref _ahead);
        if (_channel.Writer.TryWrite(waiting))
        {
            return true;
        }

        Interlocked.Decrement(ref _ahead);
        return false;
    }

    /// <summary>One who waits for a commit; without an item, a probe.</summary>
    internal sealed record Waiting(IngestItem? Item, int Bytes, TaskCompletionSource<IngestResult> Done);
}
