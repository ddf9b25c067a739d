using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

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
/// one, which would hold the writer for too long, only the index that has file names; unless an administrator asked for all of it.
/// </summary>
/// <param name="IsNameRemoved">Whether file names were changed.</param>
/// <param name="IsWholeAsked">Whether the file is written anew however large it is.</param>
public sealed record OverwriteUnused(bool IsNameRemoved, bool IsWholeAsked = false) : Chore
{
    /// <summary>Bytes of a file that is written anew.</summary>
    public const long Largest = 64 * 1024 * 1024;

    /// <summary>Whether the whole file was. Known once it is answered.</summary>
    public bool IsWhole { get; private set; }

    internal override void Run(WriterSession session)
    {
        IsWhole = IsWholeAsked || session.Bytes <= Largest;
        if (IsWhole)
        {
            // What is built beside the file is as large as it is.
            session.Execute("PRAGMA temp_store=FILE");
            session.Execute("VACUUM");
            session.Execute("PRAGMA temp_store=MEMORY");
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
