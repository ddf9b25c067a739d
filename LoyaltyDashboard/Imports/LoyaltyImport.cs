namespace LoyaltyDashboard.Imports;

/// <summary>
/// One loyalty import as Wix describes it: a CSV of e-mail addresses and point balances. Names and nesting are Wix's.
/// Whatever Wix did not send, or sent unreadably, is <see langword="null"/>; it is never replaced by a default.
/// </summary>
public sealed record LoyaltyImport
{
    /// <summary>Wix's id: a GUID in practice, any text in principle.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the job that works on the file.</summary>
    public string? AsyncImportJobId { get; init; }

    /// <summary>Counts up with each change. Kept as text of any length; see <see cref="RevisionOrder"/>.</summary>
    public string? Revision { get; init; }

    /// <summary>When Wix created the import.</summary>
    public DateTimeOffset? CreatedDate { get; init; }

    /// <summary>When Wix last changed the import.</summary>
    public DateTimeOffset? UpdatedDate { get; init; }

    /// <summary>The word Wix sent, known to <see cref="ImportStatus"/> or not.</summary>
    public string? Status { get; init; }

    /// <summary>The file and what Wix read from its first lines.</summary>
    public FileMetadata? FileMetadata { get; init; }

    /// <summary>How parsing went.</summary>
    public ParseResult? ParseResult { get; init; }

    /// <summary>How importing went.</summary>
    public ImportResult? ImportResult { get; init; }
}

/// <summary>How parsing the file went.</summary>
public sealed record ParseResult
{
    /// <summary>Rows found in the file.</summary>
    public long? ParsedRowCount { get; init; }

    /// <summary>Wix's reason code when parsing failed. Wix documents no list of codes: opaque text.</summary>
    public string? ParseErrorReason { get; init; }
}

/// <summary>How importing the rows went. Wix sends counts only with IMPORTED.</summary>
public sealed record ImportResult
{
    /// <summary>Whether Wix holds a file that explains row by row what failed.</summary>
    public bool? ErrorFileExists { get; init; }

    /// <summary>Rows imported.</summary>
    public long? SuccessCount { get; init; }

    /// <summary>Rows that failed.</summary>
    public long? FailureCount { get; init; }
}
