namespace LoyaltyDashboard.Ingest;

/// <summary>
/// How fast the writer was of late, by the median of its last turns: one that stood still for a moment says nothing of the next, and the first ones are cold. Unknown is taken
/// for fast, before the first turns and once the last is long ago: a stall of the night must not refuse the burst of the morning.
/// </summary>
internal sealed class WriterPace(TimeProvider time)
{
    /// <summary>Items of the smallest turn that counts: in a smaller one the commit itself takes the time, whatever is in it.</summary>
    public const int LeastItems = 64;

    private const int Remembered = 5;

    // A writer so slow that its turns are longer than ForgottenAfter would be forgotten between them. One that does not count, and one of twice as many, may come before the next that does.
    private const int TurnsUntilForgotten = 3;

    /// <summary>How long after the last turn that counts the pace is unknown again; later where that turn itself took long.</summary>
    public static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(10);

    // Seconds an item. Zeros first, so that the writer counts as fast until it has shown otherwise. Of the writer's thread alone.
    private readonly double[] _turns = new double[Remembered];
    private int _next;
    private double _perItem;
    private long _knownUntil = long.MinValue;

    /// <summary>Notes a turn that has just ended. Called by the writer's thread alone.</summary>
    /// <param name="items">What was in it.</param>
    /// <param name="took">From the first item taken until the next turn can begin.</param>
    public void Note(int items, TimeSpan took)
    {
        if (items < LeastItems)
        {
            return;
        }

        var now = time.GetTimestamp();
        if (now >= _knownUntil)
        {
            // Otherwise the first turn after a long rest would bring the old ones back.
            Array.Clear(_turns);
        }

        _turns[_next] = took.TotalSeconds / items;
        _next = (_next + 1) % Remembered;
        Volatile.Write(ref _perItem, _turns.Order().ElementAt(Remembered / 2));

        // After the pace: who reads the new end must not read the old pace with it.
        Volatile.Write(ref _knownUntil, now + (long)(Math.Max(ForgottenAfter.TotalSeconds, TurnsUntilForgotten * took.TotalSeconds) * time.TimestampFrequency));
    }

    /// <summary>How long so many items will take; no time where the pace is unknown.</summary>
    public TimeSpan Of(int items) => time.GetTimestamp() < Volatile.Read(ref _knownUntil) ? TimeSpan.FromSeconds(items * Volatile.Read(ref _perItem)) : TimeSpan.Zero;
}
