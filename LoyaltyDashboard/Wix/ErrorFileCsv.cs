using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Sylvan.Data.Csv;

namespace LoyaltyDashboard.Wix;

/// <summary>The rows of an error file, one at a time: UTF-8 with or without a byte order mark (UTF-16 with one), comma, semicolon or tab.</summary>
public static class ErrorFileCsv
{
    // The longest row Wix could write is a few hundred thousand letters; a longer one is a quote that nobody closed.
    private const int MostOfRow = 1 << 19;
    private const int SniffedBytes = 16 * 1024;

    /// <summary>All rows, the first line first. Of masked ones, cells and columns beyond the limits of <see cref="ErrorFileTable"/> are left out.</summary>
    /// <param name="file">The file.</param>
    /// <param name="mask">What its reader sees instead of personal data; null: they see all.</param>
    /// <param name="isLeftOut">A row with a cell of which this is true is left out; null: none is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ErrorFileException">From the stream, or the file stops making sense: a quote is never closed.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<string>> RowsAsync(Stream file, ErrorFileMask? mask, Predicate<string>? isLeftOut, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pipe = Pipe(file);
        try
        {
            await using var rows = await OpenAsync(pipe, cancellation);
            var (isFirst, columns) = (true, default(ErrorFileColumns));
            while (await NextAsync(rows, cancellation))
            {
                var isHead = isFirst;
                isFirst = false;
                if (IsLeftOut(rows, isLeftOut))
                {
                    continue;
                }

                var cells = mask is null ? [.. Enumerable.Range(0, rows.RowFieldCount).Select(column => rows.GetFieldSpan(column).ToString())] : ErrorFileTable.CellsOf(rows);
                if (isHead && mask is not null)
                {
                    (columns, cells) = mask.Head(cells.ConvertAll(cell => cell.Trim()));
                }
                else
                {
                    mask?.Hide(cells, columns);
                }

                yield return cells;
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    /// <summary>Whether a row is left out. Whole cells are asked about, whatever of them would be kept.</summary>
    internal static bool IsLeftOut(CsvDataReader row, Predicate<string>? isLeftOut)
    {
        for (var column = 0; isLeftOut is not null && column < row.RowFieldCount; column++)
        {
            if (isLeftOut(row.GetFieldSpan(column).ToString()))
            {
                return true;
            }
        }

        return false;
    }

    internal static PipeReader Pipe(Stream file) => PipeReader.Create(file, new(bufferSize: SniffedBytes, leaveOpen: true));

    internal static async Task<CsvDataReader> OpenAsync(PipeReader pipe, CancellationToken cancellation)
    {
        var delimiter = await SniffAsync(pipe, cancellation);
        var options = new CsvDataReaderOptions
        {
            HasHeaders = false,
            Delimiter = delimiter,
            CsvStyle = CsvStyle.Lax,
            // A line is never a comment; this sign is no letter.
            Comment = '\uFFFF',
            BufferSize = SniffedBytes,
            MaxBufferSize = MostOfRow,
            OwnsReader = true,
        };
        return await CsvDataReader.CreateAsync(new StreamReader(pipe.AsStream(leaveOpen: true), Encoding.UTF8), options, cancellation);
    }

    private static async Task<bool> NextAsync(CsvDataReader rows, CancellationToken cancellation)
    {
        try
        {
            return await rows.ReadAsync(cancellation);
        }
        catch (CsvRecordTooLargeException)
        {
            throw new ErrorFileException(ErrorFileFault.Refused, "The error file cannot be read as a table: a quote is opened and never closed.");
        }
    }

    // The delimiter that divides the first line most often; nothing is consumed.
    private static async Task<char> SniffAsync(PipeReader pipe, CancellationToken cancellation)
    {
        var head = await pipe.ReadAtLeastAsync(SniffedBytes, cancellation);
        var (comma, semicolon, tab, isQuoted, isBlank) = (0, 0, 0, false, true);
        foreach (var segment in head.Buffer)
        {
            foreach (var letter in segment.Span)
            {
                switch (letter)
                {
                    case (byte)'"':
                        isQuoted = !isQuoted;
                        break;
                    case (byte)',' when !isQuoted:
                        comma++;
                        break;
                    case (byte)';' when !isQuoted:
                        semicolon++;
                        break;
                    case (byte)'\t' when !isQuoted:
                        tab++;
                        break;
                    case (byte)'\r' or (byte)'\n' when !isQuoted && !isBlank:
                        goto counted;
                }

                isBlank &= letter is (byte)'\r' or (byte)'\n';
            }
        }

    counted:
        pipe.AdvanceTo(head.Buffer.Start);
        return comma >= semicolon && comma >= tab ? ',' : semicolon >= tab ? ';' : '\t';
    }
}
