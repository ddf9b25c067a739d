namespace LoyaltyDashboard.Wix;

/// <summary>What a reader of an error file sees who may not see personal data: a reason keeps Wix's words, and no other cell its letters.</summary>
/// <param name="AreData">Whether what stands for headings is a row of data.</param>
/// <param name="Heading">Shows a heading.</param>
/// <param name="Cell">Shows a cell.</param>
/// <param name="Reason">Shows a reason.</param>
public sealed record ErrorFileMask(Func<IReadOnlyList<string>, bool> AreData, Func<string, string> Heading, Func<string, string> Cell, Func<string, string> Reason)
{
    /// <summary>Headings of the file that was imported; null where they are not known: then no column can be told to be Wix's own.</summary>
    public IReadOnlyList<string?>? OwnHeadings { get; init; }

    /// <summary>The first line as it is shown, and the column of the reasons. A row of data names no column, whatever words are in it.</summary>
    internal (int? ReasonColumn, List<string> Shown) Head(List<string> headings) => AreData(headings)
        ? (null, headings.ConvertAll(heading => Cell(heading)))
        : (OwnHeadings is null ? null : ErrorFileTable.FindReason([.. headings.Select(heading => IsOwn(heading) ? string.Empty : heading)]), headings.ConvertAll(heading => Heading(heading)));

    private bool IsOwn(string heading) => OwnHeadings!.Any(own => string.Equals(own?.Trim(), heading.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Masks a row in place.</summary>
    internal void Hide(List<string> cells, int? reasonColumn)
    {
        for (var column = 0; column < cells.Count; column++)
        {
            cells[column] = column == reasonColumn ? Reason(cells[column]) : Cell(cells[column]);
        }
    }
}
