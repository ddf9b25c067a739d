using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Queries;

/// <summary>How a reader sees an error file, which is not stored here and so leaves no query.</summary>
public static class MaskedErrorFile
{
    private static readonly ErrorFileMask _mask = new(PersonalData.IsRow, heading => Mask.Text(heading), Mask.Cell, PersonalFields.MaskedReason);

    /// <summary>Whether a cell names somebody who is to be forgotten, whose rows nobody sees; null while there is nobody.</summary>
    public static Predicate<string>? LeftOut(Forgotten forgotten) => forgotten.IsEmpty ? null : cell => AddressFinder.Holds(cell, isCell: true, forgotten.Holds);

    /// <summary>The mask; null for who sees it as it is.</summary>
    /// <param name="reader">Who looks.</param>
    /// <param name="import">Whose error file it is, as the reader sees it: a column that the import's own file has is no reason of Wix's, whatever it is called.</param>
    public static ErrorFileMask? For(Reader reader, LoyaltyImport import) => reader.SeesClear ? null : _mask with
    {
        OwnHeadings = import.FileMetadata?.Header?.Values is { Count: > 0 } own ? own : null,
        PointsHeading = import.FileMetadata?.Header?.Values is { } headings && import.FileMetadata.HeaderMappingInfo?.HeaderMappings?.FirstOrDefault(mapping => mapping.ColumnName == ColumnMapping.Points)?.ColumnIndex is { } column && column >= 0 && column < headings.Count ? headings[(int)column] : null,
    };
}
