using System.Runtime.CompilerServices;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>
/// Whole lists, for export. The order is asked for once: what the filter holds then is what the list has, and where. The rows are read piece by piece as they are taken, each as it
/// is by then; one that is gone by then is left out. Nothing stays open between the pieces, and memory grows by the eight bytes of each row's id.
/// </summary>
public sealed class ImportStreams(IDbContextFactory<DashboardDb> databases, QuestionGate gate, TimeProvider time)
{
    private const int RowsPerPiece = 256;
    private const int ItemsPerPiece = 64;

    // A row may be as large as a webhook.
    private const int BytesPerPiece = 256 * 1024;

    private const string RowColumns =
        "i.Id, s.InstanceId, s.Name, i.Status, i.StatusWord, i.Revision, i.Created, i.Updated, i.FileName, i.FileSize, i.EmailColumn, i.PointsColumn, i.ParsedRowCount, i.ParseErrorReason, i.SuccessCount, i.FailureCount, i.ErrorFileExists, i.Verdict";

    private const string ItemColumns = "s.InstanceId, s.Name, s.Url, i.Arrived, d.Json";

    private static readonly byte[][] _statuses = [.. ImportStatusWords.All.Select(Encoding.UTF8.GetBytes)];
    private static readonly byte[][] _verdicts = [.. Enum.GetValues<MappingVerdict>().Order().Select(verdict => Encoding.UTF8.GetBytes(ImportFilterQuery.ToWord(verdict)))];

    /// <summary>All rows of the filter in its order, some at a time. The same object is given each time, filled anew: be done with it before asking for the next.</summary>
    public async IAsyncEnumerable<ImportCells> RowsAsync(Reader reader, ImportFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            yield break;
        }

        await using var read = await PiecewiseRead.OpenAsync(databases, gate, RowColumns, cancellation);
        var ids = await OrderAsync(read, limited, cancellation);
        var (cells, isMasked) = (new ImportCells(), !reader.SeesClear);
        bool Take(StoredRow row)
        {
            AddRow(cells, row, isMasked);
            return cells.TextBytes < BytesPerPiece;
        }

        while (ids.Count > 0)
        {
            cells.Clear();
            ids.Take(await read.RowsAsync(ids.Peek(RowsPerPiece), Take, cancellation));
            yield return cells;
        }
    }

    /// <summary>All items of the filter in its order.</summary>
    public async IAsyncEnumerable<ImportItem> ItemsAsync(Reader reader, ImportFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (SiteLimit.Of(reader, filter) is not { } limited)
        {
            yield break;
        }

        await using var read = await PiecewiseRead.OpenAsync(databases, gate, ItemColumns, cancellation);
        var ids = await OrderAsync(read, limited, cancellation);
        var (items, bytes) = (new List<ImportItem>(ItemsPerPiece), 0);
        bool Take(StoredRow row)
        {
            items.Add(ToItem(reader, row));
            return (bytes += row.Bytes(4).Length) < BytesPerPiece;
        }

        while (ids.Count > 0)
        {
            items.Clear();
            bytes = 0;
            ids.Take(await read.RowsAsync(ids.Peek(ItemsPerPiece), Take, cancellation));
            foreach (var item in items)
            {
                yield return item;
            }
        }
    }

    private async Task<RowIdQueue> OrderAsync(PiecewiseRead read, ImportFilter filter, CancellationToken cancellation) =>
        await read.RowIdsAsync((await ListPlan.WholeAsync(new ListSql(read.Database, cancellation), filter, time.GetUtcNow())).All(), cancellation);

    // The one place where the cells of a row leave.
    private static void AddRow(ImportCells cells, StoredRow row, bool isMasked)
    {
        AddId(cells, row, 0);
        AddId(cells, row, 1);
        AddText(cells, row, 2, isMasked);
        AddStatus(cells, row, 3, 4, isMasked);
        AddText(cells, row, 5, isMasked);
        AddTime(cells, row, 6);
        AddTime(cells, row, 7);
        AddText(cells, row, 8, isMasked);
        AddNumber(cells, row, 9);
        if (!isMasked || !MaskedCells.AddColumns(cells, row, 10, 11))
        {
            AddText(cells, row, 10, isMasked: false);
            AddText(cells, row, 11, isMasked: false);
        }

        AddNumber(cells, row, 12);
        AddText(cells, row, 13, isMasked);
        AddNumber(cells, row, 14);
        AddNumber(cells, row, 15);
        AddFlag(cells, row, 16);
        cells.Add(_verdicts[row.Number(17)]);
    }

    private static ImportItem ToItem(Reader reader, StoredRow row)
    {
        var site = row.IsNull(0) ? null : new SiteView(IdKey.Unpack(row.Bytes(0).ToArray()), Text(row, 1), Text(row, 2));
        return ImportQueries.ToItem(reader, PackedJson.Unpack(row.Bytes(4).ToArray()), site, UtcTicks.To(row.Number(3)));
    }

    private static string? Text(StoredRow row, int column) => row.IsNull(column) ? null : Encoding.UTF8.GetString(row.Bytes(column));

    private static void AddId(ImportCells cells, StoredRow row, int column)
    {
        if (row.IsNull(column))
        {
            cells.AddAbsent();
            return;
        }

        Span<byte> room = stackalloc byte[IdKey.GuidLength];
        cells.Add(IdKey.Unpack(row.Bytes(column), room));
    }

    private static void AddStatus(ImportCells cells, StoredRow row, int status, int word, bool isMasked)
    {
        if (!row.IsNull(word))
        {
            AddText(cells, row, word, isMasked);
        }
        else if (row.Number(status) is var number and not (long)ImportStatus.Unknown)
        {
            cells.Add(_statuses[number]);
        }
        else
        {
            cells.AddAbsent();
        }
    }

    // Asking for the value first tells most values from none with one question fewer.
    private static void AddText(ImportCells cells, StoredRow row, int column, bool isMasked)
    {
        if (row.Bytes(column) is var text && (text.Length > 0 || !row.IsNull(column)))
        {
            cells.Add(isMasked ? MaskedCells.Text(text) : text);
        }
        else
        {
            cells.AddAbsent();
        }
    }

    private static void AddNumber(ImportCells cells, StoredRow row, int column)
    {
        if (row.Number(column) is var number && (number != 0 || !row.IsNull(column)))
        {
            cells.Add(number);
        }
        else
        {
            cells.AddAbsent();
        }
    }

    private static void AddTime(ImportCells cells, StoredRow row, int column)
    {
        if (row.Number(column) is var ticks && (ticks != 0 || !row.IsNull(column)))
        {
            cells.AddTime(ticks);
        }
        else
        {
            cells.AddAbsent();
        }
    }

    private static void AddFlag(ImportCells cells, StoredRow row, int column)
    {
        if (row.IsNull(column))
        {
            cells.AddAbsent();
        }
        else
        {
            cells.Add(row.Number(column) != 0);
        }
    }
}
