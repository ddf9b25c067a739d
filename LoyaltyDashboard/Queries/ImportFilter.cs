using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Queries;

/// <summary>The values of <c>result</c>.</summary>
public enum ResultFilter
{
    /// <summary><c>clean</c>: IMPORTED without failures.</summary>
    Clean,

    /// <summary><c>with-failures</c>: failureCount above 0.</summary>
    WithFailures,

    /// <summary><c>error-file</c>: errorFileExists.</summary>
    ErrorFile,
}

/// <summary>The values of <c>sort</c>, in the words of the URL.</summary>
public enum ImportSort
{
    /// <summary>First heard of.</summary>
    Arrived,

    /// <summary>Created at Wix.</summary>
    Created,

    /// <summary>Changed at Wix.</summary>
    Updated,

    /// <summary>Life-cycle order.</summary>
    Status,

    /// <summary>File name.</summary>
    File,

    /// <summary>File size.</summary>
    Size,

    /// <summary>Parsed rows.</summary>
    Rows,

    /// <summary>Imported rows.</summary>
    Succeeded,

    /// <summary>Failed rows.</summary>
    Failed,

    /// <summary>Site name.</summary>
    Site,
}

/// <summary>
/// What the list shows: one vocabulary for the page's URL, the API and the export. Immutable; compares by value.
/// Reading and writing query strings is <see cref="ImportFilterQuery"/>'s.
/// </summary>
public sealed record ImportFilter
{
    /// <summary>Everything, newest arrival first.</summary>
    public static ImportFilter Default { get; } = new();

    /// <summary>Text to find; null for none.</summary>
    public string? Q { get; init; }

    /// <summary>Any of these; empty for all.</summary>
    public ValueList<ImportStatus> Statuses { get; init; } = [];

    /// <summary>Any of these; empty for all.</summary>
    public ValueList<ResultFilter> Results { get; init; } = [];

    /// <summary>Instance ids; empty for all.</summary>
    public ValueList<string> Sites { get; init; } = [];

    /// <summary>Arrived at or after.</summary>
    public TimeBound? From { get; init; }

    /// <summary>Arrived before.</summary>
    public TimeBound? To { get; init; }

    /// <summary>Any of these verdicts; empty for all.</summary>
    public ValueList<MappingVerdict> Verdicts { get; init; } = [];

    /// <summary>Order.</summary>
    public ImportSort Sort { get; init; } = ImportSort.Arrived;

    /// <summary>Whether from small to large. Absent values come last either way.</summary>
    public bool Ascending { get; init; }
}
