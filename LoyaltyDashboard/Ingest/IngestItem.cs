namespace LoyaltyDashboard.Ingest;

/// <summary>What the writer writes in one piece, in its turn, and answers for by its own outcome.</summary>
public abstract record IngestItem
{
    /// <summary>Bytes it holds while it waits.</summary>
    internal virtual int Bytes => 0;

    /// <summary>Works out what needs no database, on the thread of whoever brings the item.</summary>
    /// <param name="keeping">Says what may be kept; null: all. Asked again by the writer, in case the rules have changed since.</param>
    internal virtual void Prepare(Keeping? keeping)
    {
    }
}
