using System.IO.Pipelines;
using Sylvan.Data.Csv;

namespace LoyaltyDashboard.Wix;

/// <summary>A row of an error file.</summary>
/// <param name="Cells">As many as the row has, up to the limits of the table.</param>
/// <param name="Reason">Why it failed, as the ranking names it; null where the row gives none.</param>
public sealed record ErrorFileRow(IReadOnlyList<string> Cells, string? Reason);

/// <summary>A reason and how many rows give it.</summary>
public sealed record ErrorFileReason(string Text, int Count);

/// <summary>
/// An error file, read once from begin to end: its first rows, how many there are, and why they failed. Wix documents neither columns nor delimiter, so both are found in
/// the file. Whatever the file holds, the table stays small.
/// </summary>
public sealed class ErrorFileTable
{
    /// <summary>Rows that are kept.</summary>
    public const int MostRows = 200;

    /// <summary>Columns that are kept.</summary>
    public const int MostColumns = 100;

    /// <summary>Letters of a cell that are kept.</summary>
    public const int MostOfCell = 2_000;

    /// <summary>Reasons that are told apart; rows that give further ones are counted together.</summary>
    public const int MostReasons = 1_000;

    /// <summary>Rows of one reason that are kept beside the first ones, so that a rare reason late in the file has rows to show.</summary>
    public const int MostRowsOfReason = 20;

    // Letters of a reason that count, and letters that all kept rows may have together: a page holds this for as long as it is open.
    private const int MostOfReason = 300;
    private const int MostText = 250_000;

    // The best word first.
    private static readonly string[] _reasonWords = ["reason", "error", "message", "fail"];

    private readonly List<string> _headings = [];
    private readonly List<ErrorFileRow> _rows = [];
    private readonly List<ErrorFileRow> _later = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly ErrorFileMask? _mask;
    private ErrorFileColumns _columns;
    private readonly Predicate<string>? _isLeftOut;
    private int _text;

    private ErrorFileTable(ErrorFileMask? mask, Predicate<string>? isLeftOut) => (_mask, _isLeftOut) = (mask, isLeftOut);

    /// <summary>The first line, up to the limit of columns.</summary>
    public IReadOnlyList<string> Headings => _headings;

    /// <summary>The first rows below it.</summary>
    public IReadOnlyList<ErrorFileRow> Rows => _rows;

    /// <summary>All rows below it, blank lines not counted.</summary>
    public int RowCount { get; private set; }

    /// <summary>Columns of the widest row, kept or not.</summary>
    public int ColumnCount { get; private set; }

    /// <summary>The column that holds the reasons, from zero; null if no heading speaks of one.</summary>
    public int? ReasonColumn => _columns.Reason;

    /// <summary>Why rows failed, the most frequent first.</summary>
    public IReadOnlyList<ErrorFileReason> Reasons { get; private set; } = [];

    /// <summary>Rows whose reason is none of <see cref="Reasons"/>, because there are too many different ones.</summary>
    public int OtherReasonCount { get; private set; }

    /// <summary>Rows that give a reason.</summary>
    public int RowsWithReason { get; private set; }

    /// <summary>Whether the file stopped making sense after the rows counted: a quote that is never closed.</summary>
    public bool BreaksOff { get; private set; }

    /// <summary>The kept rows that give a reason, the first of the file first.</summary>
    public IEnumerable<ErrorFileRow> RowsOf(string reason) => _rows.Concat(_later).Where(row => row.Reason == reason);

    /// <summary>Reads a file: UTF-8 with or without a byte order mark (UTF-16 with one), comma, semicolon or tab.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mask">What its reader sees instead of personal data; null: they see all.</param>
    /// <param name="isLeftOut">A row with a cell of which this is true is as if it were not there; null: all rows are.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ErrorFileException">From the stream.</exception>
    public static async Task<ErrorFileTable> ReadAsync(Stream file, ErrorFileMask? mask, Predicate<string>? isLeftOut, CancellationToken cancellation)
    {
        var table = new ErrorFileTable(mask, isLeftOut);
        var pipe = ErrorFileCsv.Pipe(file);
        try
        {
            await using var rows = await ErrorFileCsv.OpenAsync(pipe, cancellation);
            await table.ReadAsync(rows, cancellation);
        }
        catch (CsvRecordTooLargeException)
        {
            table.BreaksOff = true;
        }
        finally
        {
            await pipe.CompleteAsync();
        }

        table.Reasons = [.. table._counts.Select(reason => new ErrorFileReason(reason.Key, reason.Value)).OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Text, StringComparer.Ordinal)];
        return table;
    }

    private async Task ReadAsync(CsvDataReader rows, CancellationToken cancellation)
    {
        var hasHeadings = false;
        while (await rows.ReadAsync(cancellation))
        {
            var width = rows.RowFieldCount;
            if (width == 0 || (width == 1 && rows.GetFieldSpan(0).IsEmpty))
            {
                continue;
            }

            var isLeftOut = ErrorFileCsv.IsLeftOut(rows, _isLeftOut);
            ColumnCount = isLeftOut ? ColumnCount : Math.Max(ColumnCount, width);
            if (!hasHeadings)
            {
                hasHeadings = true;
                if (isLeftOut)
                {
                    // It was a row, and there are no headings.
                    continue;
                }

                List<string> headings = [.. CellsOf(rows).Select(heading => heading.Trim())];
                (_columns, var shown) = _mask?.Head(headings) ?? (new(FindReason(headings), null), headings);
                _headings.AddRange(shown);
                continue;
            }

            if (isLeftOut)
            {
                continue;
            }

            RowCount++;
            var reason = ReasonOf(rows);
            if (reason is not null)
            {
                RowsWithReason++;
                Count(reason);
            }

            Keep(rows, reason);
        }
    }

    private void Keep(CsvDataReader row, string? reason)
    {
        var isFirst = _rows.Count < MostRows;
        if (_text >= MostText || (!isFirst && (reason is null || _later.Count == MostRows || _counts.GetValueOrDefault(reason) > MostRowsOfReason)))
        {
            return;
        }

        var cells = CellsOf(row);
        _mask?.Hide(cells, _columns);
        _text += cells.Sum(cell => cell.Length);
        (isFirst ? _rows : _later).Add(new(cells, reason));
    }

    internal static List<string> CellsOf(CsvDataReader row)
    {
        var cells = new List<string>(Math.Min(row.RowFieldCount, MostColumns));
        for (var column = 0; column < cells.Capacity; column++)
        {
            cells.Add(Cut(row.GetFieldSpan(column), MostOfCell));
        }

        return cells;
    }

    private string? ReasonOf(CsvDataReader row) =>
        ReasonColumn is { } column && column < row.RowFieldCount && row.GetFieldSpan(column).Trim() is { IsEmpty: false } reason ? Masked(Cut(reason, MostOfReason)) : null;

    private string Masked(string reason) => _mask?.Reason(reason) ?? reason;

    private void Count(string reason)
    {
        if (_counts.TryGetValue(reason, out var count) || _counts.Count < MostReasons)
        {
            _counts[reason] = count + 1;
        }
        else
        {
            OtherReasonCount++;
        }
    }

    // The best word decides; among its headings the one with most words ("error reason" before "reason code"), then the first.
    internal static int? FindReason(IReadOnlyList<string> headings)
    {
        var found = headings.Select((heading, column) => (Column: column, Words: _reasonWords.Select(word => heading.Contains(word, StringComparison.OrdinalIgnoreCase)).ToArray()))
            .Where(candidate => candidate.Words.Contains(true))
            .OrderBy(candidate => Array.IndexOf(candidate.Words, true)).ThenByDescending(candidate => candidate.Words.Count(has => has));
        return found.Select(candidate => (int?)candidate.Column).FirstOrDefault();
    }

    // Never inside a letter.
    private static string Cut(ReadOnlySpan<char> text, int most) =>
        text.Length <= most ? text.ToString() : string.Concat(text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)], "…");
}
