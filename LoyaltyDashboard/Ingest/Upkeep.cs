using LoyaltyDashboard.Imports;
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

/// <summary>A document as it is stored, and what is to stay of it.</summary>
public sealed class CleanDocument
{
    private CleanDocument(LoyaltyImport import, byte[] before, byte[] after) => (Import, Before, After) = (import, before, after);

    /// <summary>The import's row.</summary>
    public long RowId { get; private init; }

    /// <summary>What is to stay.</summary>
    public LoyaltyImport Import { get; }

    /// <summary>Whether the file has another name then.</summary>
    public bool IsNameRemoved { get; private init; }

    /// <summary>Sample rows that go.</summary>
    public int RowsRemoved { get; private init; }

    internal EventMetadata? Event { get; private init; }

    internal byte[] Before { get; }

    internal byte[] After { get; }

    internal byte[]? EventBefore { get; private init; }

    internal byte[]? EventAfter { get; private init; }

    internal bool IsTextOther { get; private init; }

    /// <summary>Works out what needs no database.</summary>
    /// <param name="rowId">The import's row.</param>
    /// <param name="json">The document, as it is stored.</param>
    /// <param name="eventJson">The event, as it is stored.</param>
    /// <param name="clean">Takes away from the import; the same object where nothing is to go.</param>
    /// <param name="cleanEvent">The same for the event.</param>
    /// <returns>Null, if nothing is to go.</returns>
    public static CleanDocument? Of(long rowId, byte[] json, byte[]? eventJson, Func<LoyaltyImport, LoyaltyImport> clean, Func<EventMetadata, EventMetadata> cleanEvent)
    {
        var import = ImportJson.ReadImport(PackedJson.Unpack(json));
        var metadata = eventJson is null ? null : ImportJson.ReadEvent(eventJson);
        var (after, eventAfter) = (clean(import), metadata is null ? null : cleanEvent(metadata));
        var (isImportOther, isEventOther) = (!ReferenceEquals(after, import), !ReferenceEquals(eventAfter, metadata));
        return !isImportOther && !isEventOther ? null : new(after, json, isImportOther ? PackedJson.Pack(ImportJson.Write(after)) : json)
        {
            RowId = rowId,
            IsNameRemoved = import.FileMetadata?.Name != after.FileMetadata?.Name,
            RowsRemoved = Rows(import) - Rows(after),
            Event = eventAfter,
            EventBefore = eventJson,
            EventAfter = isEventOther ? ImportJson.Write(eventAfter!) : eventJson,
            IsTextOther = ImportSummary.SearchText(import, metadata, null) != ImportSummary.SearchText(after, eventAfter, null),
        };
    }

    private static int Rows(LoyaltyImport import) => import.FileMetadata?.SampleDataRows?.Count ?? 0;
}

/// <summary>A text as it is stored in one of <see cref="PersonalTexts"/>, and what is to stay of it.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Column">Its column.</param>
/// <param name="RowId">Its row.</param>
/// <param name="Before">As it is stored.</param>
/// <param name="After">What is to stay.</param>
public sealed record CleanText(string Table, string Column, long RowId, string Before, string After);

/// <summary>Something that the writer does between two transactions, when all others are answered.</summary>
public abstract record Chore : IngestItem
{
    internal abstract void Run(WriterSession session);
}

/// <summary>Brings the write-ahead log home and cuts the file, so that nothing that was deleted remains in it. May have to be asked for several times.</summary>
public sealed record EmptyLog : Chore
{
    /// <summary>Whether the file is empty. Known once it is answered.</summary>
    public bool IsEmpty { get; private set; }

    internal override void Run(WriterSession session) => IsEmpty = session.TryEmptyLog();
}

/// <summary>
/// Overwrites what SQLite leaves in unused parts of pages when it moves rows from one page to the next; it overwrites only what is deleted. A small file is written anew as a whole; of a large
/// one, which would hold the writer for too long, only the index that has file names.
/// </summary>
/// <param name="IsNameRemoved">Whether file names were changed.</param>
public sealed record OverwriteUnused(bool IsNameRemoved) : Chore
{
    /// <summary>Bytes of a file that is written anew.</summary>
    public const long Largest = 64 * 1024 * 1024;

    /// <summary>Whether the whole file was. Known once it is answered.</summary>
    public bool IsWhole { get; private set; }

    internal override void Run(WriterSession session)
    {
        IsWhole = session.Bytes <= Largest;
        if (IsWhole)
        {
            session.Execute("VACUUM");
        }
        else if (IsNameRemoved)
        {
            session.Execute($"REINDEX {ListIndexes.FileName}");
        }
    }
}

/// <summary>One step of the search index.</summary>
public sealed record SearchStep : Chore
{
    /// <summary>Whether there may be more to do. Known once it is answered.</summary>
    public bool IsMore { get; private set; }

    internal override void Run(WriterSession session) => IsMore = session.Search.Step();
}
