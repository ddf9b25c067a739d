namespace LoyaltyDashboard.Storage;

/// <summary>Row ids in an order, taken from its beginning: eight bytes each, in pieces, and a piece is let go as soon as it was taken.</summary>
public sealed class RowIdQueue
{
    // Small enough to stay off the large object heap.
    private const int PieceLength = 8_192;

    private readonly Queue<long[]> _pieces = new();
    private long[] _last = [];
    private int _lastLength;
    private int _taken;

    /// <summary>How many are left.</summary>
    public int Count { get; private set; }

    /// <summary>Puts one at the end.</summary>
    public void Add(long rowId)
    {
        if (_lastLength == _last.Length)
        {
            (_last, _lastLength) = (new long[PieceLength], 0);
            _pieces.Enqueue(_last);
        }

        _last[_lastLength++] = rowId;
        Count++;
    }

    /// <summary>Those that come next, without taking them: at least one while any is left.</summary>
    /// <param name="most">How many at most.</param>
    public ReadOnlyMemory<long> Peek(int most) =>
        Count == 0 ? default : _pieces.Peek().AsMemory(_taken, Math.Min(most, Math.Min(Count, PieceLength - _taken)));

    /// <summary>Takes what <see cref="Peek"/> showed, or the beginning of it.</summary>
    public void Take(int count)
    {
        Count -= count;
        _taken += count;
        if (_taken == PieceLength)
        {
            _pieces.Dequeue();
            _taken = 0;
        }
    }
}
