namespace LoyaltyDashboard.Storage;

/// <summary>
/// The indexes that the list is read by. Each costs the writer a page per import where its key falls at random, and next to nothing where its key grows with time, has few
/// values, or is absent when an import is announced: so there is one for both directions of a sort, and the counts, which come last, have indexes of the present values only.
/// Those whose keys fall at random hold the imports that are settled, and follow the commit, many imports at once (<see cref="ListSettling"/>).
/// All of them name the arrival next, so that equal values stand by arrival, and no list is ever sorted that is longer than what a person can read.
/// </summary>
public static class ListIndexes
{
    /// <summary>By arrival. It holds all that filters ask for, so that a filter nobody made an index for is answered by this alone, at 50 ns an import.</summary>
    public const string Arrived = "IX_imports_Arrived";

    /// <summary>By status, then arrival.</summary>
    public const string Status = "IX_imports_Status_Arrived";

    /// <summary>By site, then arrival.</summary>
    public const string Site = "IX_imports_SiteRowId_Arrived";

    /// <summary>By creation.</summary>
    public const string Created = "IX_imports_Created_Arrived";

    /// <summary>By last change, once settled.</summary>
    public const string Updated = "IX_imports_Updated_Arrived";

    /// <summary>By file name, once settled.</summary>
    public const string FileName = "IX_imports_FileName_Arrived";

    /// <summary>By size, once settled.</summary>
    public const string FileSize = "IX_imports_FileSize_Arrived";

    /// <summary>By rows in the file, where known, once settled.</summary>
    public const string ParsedRowCount = "IX_imports_ParsedRowCount_Arrived";

    /// <summary>By imported rows, where known, once settled.</summary>
    public const string SuccessCount = "IX_imports_SuccessCount_Arrived";

    /// <summary>By failed rows, where known, once settled.</summary>
    public const string FailureCount = "IX_imports_FailureCount_Arrived";

    /// <summary>Those with failed rows, by arrival.</summary>
    public const string Failures = "IX_imports_Failures";

    /// <summary>Those with an error file, by arrival.</summary>
    public const string ErrorFile = "IX_imports_ErrorFile";

    /// <summary>Those whose mapping has a finding, by verdict and arrival.</summary>
    public const string Findings = "IX_imports_Findings";

    /// <summary>Those that <see cref="Moving"/> holds for, by when they were last seen.</summary>
    public const string LastSeen = "IX_imports_Moving_LastSeen";

    /// <summary>In PARSING or IMPORTING, and neither marked as stuck nor gone. A query that is to use the index says it in just these words.</summary>
    public const string Moving = "Status IN (2, 4) AND Stuck IS NULL AND Gone IS NULL";

    /// <summary>That the import <c>i</c> is settled. A query that is to use an index of those says it in just these words.</summary>
    public const string IsSettled = "i.Settled = 1";

    /// <summary>The imports as <c>i</c>, read by one index. SQLite's planner would have to guess how many rows a value has; the one who asks has counted them.</summary>
    public static string Imports(string index) => $"imports AS i INDEXED BY {index}";

    /// <summary>Certain imports as <c>i</c>.</summary>
    /// <param name="rowIds">The placeholder of their row ids, an array as JSON.</param>
    public static string ImportsOf(string rowIds) => $"json_each({rowIds}) AS r CROSS JOIN imports AS i ON i.RowId = r.value";
}
