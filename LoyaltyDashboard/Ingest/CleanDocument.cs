using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

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
            RowsRemoved = PersonalData.Rows(import) - PersonalData.Rows(after),
            Event = eventAfter,
            EventBefore = eventJson,
            EventAfter = isEventOther ? ImportJson.Write(eventAfter!) : eventJson,
            IsTextOther = ImportSummary.SearchText(import, metadata, null) != ImportSummary.SearchText(after, eventAfter, null),
        };
    }
}
