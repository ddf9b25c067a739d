using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// The readers' side of the search index, as pieces of SQL. The index knows three letters at a time and nothing of their order, so each import it finds is to be compared with
/// the whole text. What it has not reached yet is found without it, in the same statement, so that nothing falls between.
/// </summary>
public static class SearchSql
{
    /// <summary>Rows after which a probe ends: enough to tell rare letters from common ones.</summary>
    public const int RowsPerProbe = 1_000;

    private const int MostTrigrams = 32;

    /// <summary>Every three letters of a text that the index can be asked for; of a long one, some from all over it. None, if it has fewer than three.</summary>
    /// <param name="folded">Folded by <see cref="TextFold"/>.</param>
    public static IReadOnlyList<string> Trigrams(string folded)
    {
        var runes = folded.EnumerateRunes().ToList();
        // The index has none with a NUL.
        var all = Enumerable.Range(0, Math.Max(0, runes.Count - 2)).Select(i => $"{runes[i]}{runes[i + 1]}{runes[i + 2]}").Where(t => !t.Contains('\0', StringComparison.Ordinal)).Distinct().ToList();
        return all.Count <= MostTrigrams ? all : [.. Enumerable.Range(0, MostTrigrams).Select(i => all[i * (all.Count - 1) / (MostTrigrams - 1)])];
    }

    /// <summary>What <c>MATCH</c> takes for all of them.</summary>
    public static string Match(IEnumerable<string> trigrams) => string.Join(" AND ", trigrams.Select(t => $"\"{t.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));

    /// <summary>A question: how many rows the index finds, up to <see cref="RowsPerProbe"/>, the last of them, and how far the index has come.</summary>
    /// <param name="match">Stands for a value that <see cref="Match"/> made.</param>
    public static string Probe(string match) =>
        $"SELECT COUNT(*) AS Found, MAX(rowid) AS Last, (SELECT IndexedTo FROM search_state) AS Indexed FROM (SELECT rowid FROM import_search WHERE import_search MATCH {match} LIMIT {RowsPerProbe})";

    /// <summary>A sub-select of the RowIds of imports whose text may hold it.</summary>
    /// <param name="match">Stands for a value that <see cref="Match"/> made; null: the index is of no use.</param>
    public static string Candidates(string? match) => match is null
        ? "SELECT RowId FROM import_texts"
        : $"""
           SELECT rowid AS RowId FROM import_search WHERE import_search MATCH {match} AND rowid NOT IN (SELECT RowId FROM search_changes)
           UNION ALL SELECT RowId FROM search_changes
           UNION ALL SELECT RowId FROM import_texts WHERE RowId > (SELECT IndexedTo FROM search_state)
           """;

    /// <summary>A question for the RowIds of imports whose text holds it.</summary>
    /// <param name="match">As for <see cref="Candidates"/>.</param>
    /// <param name="folded">Stands for the folded text.</param>
    /// <param name="most">No more than so many.</param>
    public static string Find(string? match, string folded, int most) => match is null
        ? $"SELECT t.RowId AS Value FROM import_texts AS t WHERE instr(t.Folded, {folded}) > 0 LIMIT {most}"
        : $"SELECT t.RowId AS Value FROM ({Candidates(match)}) AS c CROSS JOIN import_texts AS t ON t.RowId = c.RowId WHERE instr(t.Folded, {folded}) > 0 LIMIT {most}";

    /// <summary>Whether a question failed for want of the index. The writer makes it anew.</summary>
    public static bool IsLost(SqliteException exception) => exception.SqliteErrorCode == raw.SQLITE_ERROR || exception.SqliteExtendedErrorCode == raw.SQLITE_CORRUPT_VTAB;
}
