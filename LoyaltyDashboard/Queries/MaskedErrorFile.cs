using LoyaltyDashboard.Access;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Queries;

/// <summary>How a reader sees an error file, which is not stored here and so leaves no query.</summary>
public static class MaskedErrorFile
{
    private static readonly ErrorFileMask _mask = new(PersonalFields.AreData, heading => Mask.Text(heading), cell => Mask.Cell(cell), PersonalFields.MaskedReason);

    /// <summary>The mask; null for who sees it as it is.</summary>
    public static ErrorFileMask? For(Reader reader) => reader.SeesClear ? null : _mask;
}
