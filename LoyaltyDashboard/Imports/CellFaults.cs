namespace LoyaltyDashboard.Imports;

/// <summary>What is wrong with a sample cell, seen by the field that its column is mapped to.</summary>
public enum CellFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is empty, or the row ends before it.</summary>
    Empty,

    /// <summary>No e-mail address.</summary>
    NoEmail,

    /// <summary>No whole number.</summary>
    NoNumber,
}

/// <summary>Which of an import's sample cells look wrong. Judged by the cells as they are; who may not see these may still know that they are wrong.</summary>
public sealed class CellFaults
{
    /// <summary>Rows that are judged. Wix sends at most 5; a signed event may hold anything.</summary>
    public const int MostRows = 20;

    /// <summary>Columns that are judged.</summary>
    public const int MostColumns = 100;

    private readonly Dictionary<(int Row, int Column), CellFault> _faults = [];

    private CellFaults()
    {
    }

    /// <summary>Of a cell.</summary>
    public CellFault this[int row, int column] => _faults.GetValueOrDefault((row, column));

    /// <summary>The field that a column is mapped to; null if to none of the two.</summary>
    public static string? FieldOf(LoyaltyImport import, int column) =>
        import.FileMetadata?.HeaderMappingInfo?.HeaderMappings?.FirstOrDefault(mapping => mapping.ColumnIndex == column && mapping.ColumnName is (ColumnMapping.Email or ColumnMapping.Points))?.ColumnName;

    /// <summary>Judges an import's cells.</summary>
    public static CellFaults Of(LoyaltyImport import)
    {
        var faults = new CellFaults();
        if (import.FileMetadata is not { SampleDataRows: { } rows, HeaderMappingInfo.HeaderMappings: { } mappings })
        {
            return faults;
        }

        foreach (var column in mappings.Select(mapping => mapping.ColumnIndex).Where(index => index is >= 0 and < MostColumns).Select(index => (int)index!.Value).Distinct())
        {
            for (var row = 0; row < Math.Min(rows.Count, MostRows); row++)
            {
                var cell = rows[row].Values is { } values && column < values.Count ? values[column] : null;
                if (Judge(FieldOf(import, column), cell) is not CellFault.None and var fault)
                {
                    faults._faults[(row, column)] = fault;
                }
            }
        }

        return faults;
    }

    private static CellFault Judge(string? field, string? cell) => field switch
    {
        null => CellFault.None,
        _ when string.IsNullOrEmpty(cell) => CellFault.Empty,
        ColumnMapping.Email when !CellRules.LooksLikeEmail(cell) => CellFault.NoEmail,
        ColumnMapping.Points when !CellRules.LooksLikePoints(cell) => CellFault.NoNumber,
        _ => CellFault.None,
    };
}
