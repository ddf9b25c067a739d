using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// What follows the commits and comes after them: unique keys, sort indexes, the search index, texts of an older database. Steps are short; they are taken while nobody waits, and under load
/// only as far as what reads would feel it. A fault of one is only its own: it is told of once, and what failed rests for a while, for each fault costs the session and all that it remembers.
/// Used by the writer's thread alone.
/// </summary>
/// <param name="queue">Tells whether somebody waits.</param>
/// <param name="current">The writer's session; null while it has none.</param>
/// <param name="open">The same, opened if need be.</param>
/// <param name="close">Closes it.</param>
/// <param name="time">For the rest after a fault.</param>
/// <param name="logger">The writer's.</param>
internal sealed class WriterFollowers(IngestQueue queue, Func<WriterSession?> current, Func<WriterSession> open, Action close, TimeProvider time, ILogger logger)
{
    /// <summary>While others wait and searches feel that the index is behind: one of its steps after so many batches.</summary>
    public const int BatchesPerSearchStep = 8;

    // While others wait: the more at once, the fewer pages are written, and the longer somebody waits.
    private const int RowsPerStepUnderLoad = 4_096;

    private static readonly TimeSpan _restAfterFault = TimeSpan.FromSeconds(5);

    private readonly Follower _keys = new("The unique keys cannot follow; an import is looked for among the newest one by one");
    private readonly Follower _list = new("The sort indexes cannot follow; lists read what they do not have beside them");
    private readonly Follower _texts = new("The searched texts of the older database cannot be masked; searches still find what they hold of addresses");
    private readonly Follower _search = new("The search index cannot follow; searches read what it does not have row by row");
    private int _batchesSinceSearchStep;

    /// <summary>After a batch: what is too far behind catches up a little. Without a session there was nothing to write.</summary>
    public void KeepNear()
    {
        KeepNear(_keys, KeepKeysNear);
        KeepNear(_search, KeepSearchNear);
        KeepNear(_list, KeepListNear);
    }

    /// <summary>While nobody waits: all catch up, until somebody does.</summary>
    public void CatchUp()
    {
        CatchUp(_texts, session => session.OldTexts.Step(), LogLevel.Information, "Addresses in the searched texts are being masked");
        CatchUp(_keys, session => session.Keys.Any(keys => keys.Step()), LogLevel.Debug, "The unique keys follow");
        CatchUp(_list, session => session.Settling.Step(), LogLevel.Debug, "The sort indexes follow");
        CatchUp(_search, session => session.Search.Step(), LogLevel.Debug, "The search index follows");
    }

    private void KeepNear(Follower follower, Action<WriterSession> step)
    {
        // A fault of the one before closed it.
        if (current() is not null)
        {
            Follow(follower, step);
        }
    }

    private void CatchUp(Follower follower, Func<WriterSession, bool> step, LogLevel level, string words) => Follow(follower, session =>
    {
        for (var steps = 0; queue.IsIdle && step(session); steps++)
        {
            if (steps == 0)
            {
                logger.Log(level, "{Follower}", words);
            }
        }

        follower.Fault = null;
    });

    private void Follow(Follower follower, Action<WriterSession> step)
    {
        if (follower.FailedAt is { } failedAt && time.GetElapsedTime(failedAt) < _restAfterFault)
        {
            return;
        }

        try
        {
            step(open());
            follower.FailedAt = null;
        }
        catch (Exception exception)
        {
            if (follower.Fault != exception.Message)
            {
                logger.LogWarning(exception, "{Consequence}", follower.Consequence);
            }

            (follower.Fault, follower.FailedAt) = (exception.Message, time.GetTimestamp());
            close();
        }
    }

    private static void KeepKeysNear(WriterSession session)
    {
        foreach (var keys in session.Keys)
        {
            var isMore = keys.IsFarBehind;
            while (isMore)
            {
                isMore = keys.Step() && keys.IsFallingBehind;
            }
        }
    }

    private static void KeepListNear(WriterSession session)
    {
        if (session.Settling.IsFarBehind)
        {
            session.Settling.Step(RowsPerStepUnderLoad);
        }
    }

    private void KeepSearchNear(WriterSession session)
    {
        if (session.Search.IsFarBehind && (queue.IsIdle || ++_batchesSinceSearchStep >= BatchesPerSearchStep))
        {
            _batchesSinceSearchStep = 0;
            session.Search.Step();
        }
    }

    // One of them: its last fault, and when that was.
    private sealed class Follower(string consequence)
    {
        public string Consequence { get; } = consequence;

        public string? Fault { get; set; }

        public long? FailedAt { get; set; }
    }
}
