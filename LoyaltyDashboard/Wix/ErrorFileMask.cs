namespace LoyaltyDashboard.Wix;

/// <summary>What a reader of an error file sees who may not see personal data: a reason keeps Wix's words, and no other cell its letters.</summary>
/// <param name="AreData">Whether what stands for headings is a row of data.</param>
/// <param name="Heading">Shows a heading.</param>
/// <param name="Cell">Shows a cell; whether it is one of points.</param>
/// <param name="Reason">Shows a reason.</param>
public sealed record ErrorFileMask(Func<IReadOnlyList<string>, bool> AreData, Func<string, string> Heading, Func<string, bool, string> Cell, Func<string, string> Reason)
{
    /// <summary>Headings of the file that was imported; null where they are not known: then no column can be told to be Wix's own.</summary>
    public IReadOnlyList<string?>? OwnHeadings { get; init; }

    /// <summary>The heading of the column of the file that was mapped to points; null if there is none.</summary>
    public string? PointsHeading { get; init; }

    /// <summary>The first line as it is shown, and which columns are the reasons' and the points'. A row of data names no column, whatever words are in it.</summary>
    internal (ErrorFileColumns Columns, List<string> Shown) Head(List<string> headings) => AreData(headings)
        ? (new(null, null), headings.ConvertAll(heading => Cell(heading, false)))
        : (new(OwnHeadings is null ? null : ErrorFileTable.FindReason([.. headings.Select(heading => IsOwn(heading) ? string.Empty : heading)]), PointsOf(headings)), headings.ConvertAll(heading => Heading(heading)));

    // Of two columns of that name, nobody can tell which one it is.
    private int? PointsOf(List<string> headings) =>
        !string.IsNullOrWhiteSpace(PointsHeading) && headings.Count(heading => IsSame(PointsHeading, heading)) == 1 && OwnHeadings?.Count(own => own is not null && IsSame(PointsHeading, own)) == 1
            ? headings.FindIndex(heading => IsSame(PointsHeading, heading)) : null;

    private bool IsOwn(string heading) => OwnHeadings!.Any(own => IsSame(own, heading));

    private static bool IsSame(string? own, string heading) => string.Equals(own?.Trim(), heading.Trim(), StringComparison.OrdinalIgnoreCase);

    /// <summary>Masks a row in place.</summary>
    internal void Hide(List<string> cells, ErrorFileColumns columns)
    {
        for (var column = 0; column < cells.Count; column++)
        {
            cells[column] = column == columns.Reason ? Reason(cells[column]) : Cell(cells[column], column == columns.Points);
        }
    }
}
