using System.Globalization;

namespace LoyaltyDashboard.Imports;

/// <summary>
/// Judges a mapping by what Wix sent: both fields mapped once, to a column that exists, whose cells look right, and not the two swapped.
/// Pure: the same import always gives the same report.
/// </summary>
public static class MappingHealth
{
    // As many say enough.
    private const int MostUnknownFields = 20;

    private static readonly MappingReport _unknown = new(MappingVerdict.Unknown, []);

    private static readonly Field _email = new(ColumnMapping.Email, "e-mail addresses", CellRules.LooksLikeEmail);
    private static readonly Field _points = new(ColumnMapping.Points, "whole numbers of points", CellRules.LooksLikePoints);

    /// <summary>Verdict and reasons. Unknown: no mapping given, or neither headings nor cells to judge it by.</summary>
    /// <param name="import">The import, as Wix sent it.</param>
    /// <param name="shown">The same import as its reader sees it: what messages quote. The verdict does not depend on it.</param>
    public static MappingReport Judge(LoyaltyImport import, LoyaltyImport? shown = null)
    {
        var file = import.FileMetadata;
        var mappings = file?.HeaderMappingInfo?.HeaderMappings;
        if (mappings is null || mappings.Count == 0)
        {
            return _unknown;
        }

        var headings = file!.Header?.Values ?? [];
        var quoted = (shown ?? import).FileMetadata?.Header?.Values ?? [];
        var names = (shown ?? import).FileMetadata?.HeaderMappingInfo?.HeaderMappings ?? mappings;
        var rows = (file.SampleDataRows ?? []).Select(row => row.Values ?? []).Where(cells => cells.Any(cell => cell.Length > 0)).ToList();
        var findings = new List<(bool Breaks, MappingFinding Finding)>();
        var width = headings.Count > 0 ? headings.Count : rows.Count == 0 ? 0 : rows.Max(cells => cells.Count);

        var email = FindColumn(_email, mappings, width, headings, findings);
        var points = FindColumn(_points, mappings, width, headings, findings);
        foreach (var (_, other) in mappings.Zip(names).Where(m => m.First.ColumnName is not (ColumnMapping.Email or ColumnMapping.Points)).Take(MostUnknownFields))
        {
            findings.Add((false, new("unknown-field", other.ColumnName is null ? "A mapping names no field." : $"\"{other.ColumnName}\" is mapped, which is no field of a loyalty import.", other.ColumnIndex)));
        }

        if (email is not null && email == points)
        {
            findings.Add((true, new("same-column", $"EMAIL and POINTS are both mapped to {Column(email.Value, quoted)}.", email)));
        }
        else if (IsSwapped(email, points, rows))
        {
            findings.Add((true, new("swapped", $"EMAIL and POINTS are swapped: {Column(email!.Value, quoted)} holds the numbers and {Column(points!.Value, quoted)} the addresses.", email)));
        }
        else
        {
            JudgeCells(_email, email, quoted, rows, findings);
            JudgeCells(_points, points, quoted, rows, findings);
        }

        if (headings.Any(heading => CellRules.LooksLikeEmail(heading.Trim())))
        {
            findings.Add((false, new("no-heading-row", "The first line looks like data, not like headings: its row may be lost.", null)));
        }

        if (findings.Count == 0)
        {
            return width == 0 ? _unknown : new(MappingVerdict.Healthy, []);
        }

        var verdict = findings.Any(f => f.Breaks) ? MappingVerdict.Broken : MappingVerdict.Suspicious;
        return new(verdict, [.. findings.OrderByDescending(f => f.Breaks).Select(f => f.Finding)]);
    }

    private static long? FindColumn(Field field, IReadOnlyList<ColumnMapping> mappings, int width, IReadOnlyList<string> headings, List<(bool, MappingFinding)> findings)
    {
        var mapped = mappings.Where(m => m.ColumnName == field.Name).ToList();
        switch (mapped)
        {
            case []:
                findings.Add((true, new("not-mapped", $"{field.Name} is not mapped to any column.", null)));
                return null;
            case [_, _, ..]:
                findings.Add((true, new("mapped-twice", $"{field.Name} is mapped {mapped.Count} times.", null)));
                return null;
            case [{ ColumnIndex: null }]:
                findings.Add((true, new("no-index", $"{field.Name} is mapped, but to no column number.", null)));
                return null;
        }

        var index = mapped[0].ColumnIndex!.Value;
        if (index >= 0 && (width == 0 || index < width))
        {
            return index;
        }

        var has = headings.Count > 0 ? $"the header has {headings.Count}" : $"the rows have {width}";
        findings.Add((true, new("outside-header", index < 0 ? $"{field.Name} is mapped to the column number {index}, which cannot be." : $"{field.Name} is mapped to {Number(index)}, but {has}.", index)));
        return null;
    }

    private static bool IsSwapped(long? email, long? points, List<IReadOnlyList<string>> rows)
    {
        if (email is null || points is null || rows.Count == 0)
        {
            return false;
        }

        var numbersWhereMail = rows.Count(cells => Cell(cells, email.Value) is { } cell && CellRules.LooksLikePoints(cell.Trim()));
        var mailWhereNumbers = rows.Count(cells => Cell(cells, points.Value) is { } cell && CellRules.LooksLikeEmail(cell.Trim()));
        return mailWhereNumbers * 2 > rows.Count && numbersWhereMail * 2 >= rows.Count;
    }

    private static void JudgeCells(Field field, long? column, IReadOnlyList<string> quoted, List<IReadOnlyList<string>> rows, List<(bool, MappingFinding)> findings)
    {
        if (column is not { } index || rows.Count == 0)
        {
            return;
        }

        var wrong = rows.Count(cells => Cell(cells, index) is { Length: > 0 } cell && !field.Fits(cell));
        var empty = rows.Count(cells => string.IsNullOrWhiteSpace(Cell(cells, index)));
        wrong -= rows.Count(cells => Cell(cells, index) is { Length: > 0 } cell && string.IsNullOrWhiteSpace(cell));
        var where = Column(index, quoted);
        var code = field.Name.ToLowerInvariant();
        if (wrong + empty == rows.Count)
        {
            findings.Add((true, new($"{code}-none-fits", $"{field.Name} is mapped to {where}, where none of the {rows.Count} sample cells looks like {field.Kind}.", index)));
            return;
        }

        if (wrong > 0)
        {
            findings.Add((false, new($"{code}-cells", $"{field.Name}: {wrong} of {rows.Count} sample cells in {where} do not look like {field.Kind}.", index)));
        }

        if (empty > 0)
        {
            findings.Add((false, new($"{code}-empty", $"{field.Name}: {empty} of {rows.Count} sample cells in {where} are empty.", index)));
        }
    }

    private static string? Cell(IReadOnlyList<string> cells, long column) => column < cells.Count ? cells[(int)column] : null;

    private static string Column(long index, IReadOnlyList<string> quoted) =>
        index < quoted.Count && quoted[(int)index].Length > 0 ? $"{Number(index)} \"{quoted[(int)index]}\"" : Number(index);

    // People count from one; an index may be as large as 64 bits allow.
    private static string Number(long index) => string.Create(CultureInfo.InvariantCulture, $"column {index + 1m}");

    private sealed record Field(string Name, string Kind, Func<string, bool> Fits);
}
