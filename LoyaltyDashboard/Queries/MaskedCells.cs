using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Queries;

/// <summary>Masks the cells of an export where they lie as bytes: nearly none holds an address, which a look at the bytes tells.</summary>
internal static class MaskedCells
{
    /// <summary>A text with its addresses masked.</summary>
    public static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> text) => Mask.MayHoldAddress(text) ? Encoding.UTF8.GetBytes(Mask.Text(Encoding.UTF8.GetString(text))) : text;

    /// <summary>Adds the headings of the two columns that matter, if one of them may hold an address.</summary>
    /// <returns>False: neither may, and nothing was added.</returns>
    public static bool AddColumns(ImportCells cells, StoredRow row, int email, int points)
    {
        if (!Mask.MayHoldAddress(row.Bytes(email)) && !Mask.MayHoldAddress(row.Bytes(points)))
        {
            return false;
        }

        var masked = PersonalFields.MaskedColumns(Read(row, email), Read(row, points));
        Add(cells, masked.Email);
        Add(cells, masked.Points);
        return true;
    }

    private static string? Read(StoredRow row, int column) => row.IsNull(column) ? null : Encoding.UTF8.GetString(row.Bytes(column));

    private static void Add(ImportCells cells, string? text)
    {
        if (text is null)
        {
            cells.AddAbsent();
        }
        else
        {
            cells.Add(Encoding.UTF8.GetBytes(text));
        }
    }
}
