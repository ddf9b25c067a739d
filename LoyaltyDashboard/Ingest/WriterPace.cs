namespace LoyaltyDashboard.Ingest;

/// <summary>How fast the writer was of late, by the median of its last turns: one that stood still for a moment says nothing of the next, and the first ones are cold.</summary>
internal sealed class WriterPace
{
    /// <summary>Items of the smallest turn that counts: in a smaller one the commit itself takes the time, whatever is in it.</summary>
    public const int LeastItems = 64;

    private const int Remembered = 5;

    // Seconds an item. Zeros first, so that the writer counts as fast until it has shown otherwise. Of the writer's thread alone.
    private readonly double[] _turns = new double[Remembered];
    private int _next;
    private double _perItem;

    /// <summary>Notes a turn. Called by the writer's thread alone.</summary>
    /// <param name="items">What was in it.</param>
    /// <param name="took">From the first item taken until the next turn can begin.</param>
    public void Note(int items, TimeSpan took)
    {
        if (items < LeastItems)
        {
            return;
        }

        _turns[_next] = took.TotalSeconds / items;
        _next = (_next + 1) % Remembered;
        Volatile.Write(ref _perItem, _turns.Order().ElementAt(Remembered / 2));
    }

    /// <summary>How long so many items will take.</summary>
    public TimeSpan Of(int items) => TimeSpan.FromSeconds(items * Volatile.Read(ref _perItem));
}
