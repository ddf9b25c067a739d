using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// One small piece of taking data away. The writer does it in its turn, like all else that is written: nobody waits for a lock, and what it remembers of the tables stays true. Whoever has
/// much to take away brings piece after piece, each when the one before is committed.
/// </summary>
/// <param name="At">When it is done.</param>
/// <param name="Reason">Why, for what stays and says so.</param>
public sealed record Upkeep(DateTimeOffset At, RemovalReason Reason) : IngestItem
{
    private readonly List<long> _missed = [];

    /// <summary>Documents to be replaced by what is to stay of them.</summary>
    public IReadOnlyList<CleanDocument> Documents { get; init; } = [];

    /// <summary>Texts to be replaced by what is to stay of them.</summary>
    public IReadOnlyList<CleanText> Texts { get; init; } = [];

    /// <summary>Deliveries whose body goes.</summary>
    public IReadOnlyList<long> Bodies { get; init; } = [];

    /// <summary>Deliveries that go, with body and key.</summary>
    public IReadOnlyList<long> Deliveries { get; init; } = [];

    /// <summary>Imports that go, with all that belongs to them.</summary>
    public IReadOnlyList<long> Imports { get; init; } = [];

    /// <summary>A site that goes; its imports and deliveries went before.</summary>
    public long? Site { get; init; }

    /// <summary>A note that is written together with the piece: how far the work has come. Without a value it is removed.</summary>
    public (string Name, string? Value)? Note { get; init; }

    /// <summary>Whether pages are told which imports look different.</summary>
    public bool IsTold { get; init; }

    /// <summary>Rows whose document had changed meanwhile and was left alone: to be read again. Known once it is committed.</summary>
    public IReadOnlyList<long> Missed => _missed;

    /// <summary>Bodies that were there. Known once it is committed.</summary>
    public int BodiesRemoved { get; internal set; }

    internal void Begin()
    {
        _missed.Clear();
        BodiesRemoved = 0;
    }

    internal void Miss(long rowId) => _missed.Add(rowId);
}

/// <summary>A text as it is stored in one of <see cref="PersonalTexts"/>, and what is to stay of it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Column">Its column.</param>
/// <param name="RowId">Its row.</param>
/// <param name="Before">As it is stored.</param>
/// <param name="After">What is to stay.</param>
public sealed record CleanText(string Table, string Column, long RowId, string Before, string After);
