namespace LoyaltyDashboard.Imports;

/// <summary>
/// The life cycle Wix documents: INITIATED → PARSING → PARSED → (Execute) → IMPORTING → IMPORTED, or FAILED on the way.
/// The numbers are stored and give the sort order.
/// </summary>
public enum ImportStatus
{
    /// <summary>UNKNOWN, absent, or a word outside the seven.</summary>
    Unknown = 0,

    /// <summary>Created; Wix has not begun to read the file.</summary>
    Initiated = 1,

    /// <summary>Wix reads the file.</summary>
    Parsing = 2,

    /// <summary>Read; waits, without limit, for somebody to call Execute.</summary>
    Parsed = 3,

    /// <summary>Wix writes the rows.</summary>
    Importing = 4,

    /// <summary>Finished. Not "all rows good": see <see cref="ImportResult.FailureCount"/>.</summary>
    Imported = 5,

    /// <summary>Ended without importing.</summary>
    Failed = 6,
}

/// <summary>Wix's words for <see cref="ImportStatus"/>.</summary>
public static class ImportStatusWords
{
    private static readonly string[] _words = ["UNKNOWN", "INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED", "FAILED"];

    /// <summary>All seven, in life-cycle order.</summary>
    public static IReadOnlyList<string> All => _words;

    /// <summary>Reads Wix's word. Exact, as Wix's enums are: another case is another word.</summary>
    public static ImportStatus Parse(string? word) => (ImportStatus)Math.Max(0, Array.IndexOf(_words, word));

    /// <summary>Wix's word for a status.</summary>
    public static string ToWord(this ImportStatus status) => _words[(int)status];

    /// <summary>IMPORTED and FAILED change no more.</summary>
    public static bool IsFinal(this ImportStatus status) => status is ImportStatus.Imported or ImportStatus.Failed;
}
