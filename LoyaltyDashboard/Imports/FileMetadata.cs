namespace LoyaltyDashboard.Imports;

/// <summary>The imported file and what Wix read from its first lines.</summary>
public sealed record FileMetadata
{
    /// <summary>Bytes.</summary>
    public long? Size { get; init; }

    /// <summary>File name as the uploader gave it.</summary>
    public string? Name { get; init; }

    /// <summary>Where Wix keeps the file. Usually a path relative to Wix's media host, rarely a link.</summary>
    public string? Url { get; init; }

    /// <summary>The file's first line.</summary>
    public FileHeader? Header { get; init; }

    /// <summary>Which column holds what.</summary>
    public HeaderMappingInfo? HeaderMappingInfo { get; init; }

    /// <summary>The first rows of the file: personal data.</summary>
    public IReadOnlyList<SampleDataRow>? SampleDataRows { get; init; }
}

/// <summary>The headings of the file, in column order.</summary>
public sealed record FileHeader
{
    /// <summary>One heading a column.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>The mapping from Wix's fields to columns.</summary>
public sealed record HeaderMappingInfo
{
    /// <summary>Normally two: EMAIL and POINTS.</summary>
    public IReadOnlyList<ColumnMapping>? HeaderMappings { get; init; }
}

/// <summary>One field and the column it is read from.</summary>
public sealed record ColumnMapping
{
    /// <summary>The field that Wix calls EMAIL.</summary>
    public const string Email = "EMAIL";

    /// <summary>The field that Wix calls POINTS.</summary>
    public const string Points = "POINTS";

    /// <summary>EMAIL or POINTS; another word is kept as sent.</summary>
    public string? ColumnName { get; init; }

    /// <summary>Zero-based column.</summary>
    public long? ColumnIndex { get; init; }
}

/// <summary>One row of the file.</summary>
public sealed record SampleDataRow
{
    /// <summary>Cells in column order; may be shorter or longer than the header.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}
