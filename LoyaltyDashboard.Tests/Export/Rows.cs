using System.Runtime.CompilerServices;
using System.Text;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Export;

/// <summary>Rows to export.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Then = new(2026, 11, 24, 8, 30, 0, TimeSpan.Zero);

    /// <summary>A row of which everything is known.</summary>
    public static ImportRow Full { get; } = new(
        1, "import-1", new SiteView("instance-1", "Rosa's Café", "https://rosas.example"), ImportStatus.Imported, null, "6", Then, Then.AddMilliseconds(714), Then, Then,
        "members.csv", 20_915, "email", "points", 500, "REASON", 499, 1, true, MappingVerdict.Healthy, null, false, FollowView.None);

    /// <summary>A row of which only the id is known.</summary>
    public static ImportRow Bare { get; } = new(
        2, "import-2", null, ImportStatus.Unknown, null, null, null, null, Then, Then, null, null, null, null, null, null, null, null, null, MappingVerdict.Unknown, null, false, FollowView.None);

    /// <summary>The cells of rows.</summary>
    public static ImportCells Cells(params IEnumerable<ImportRow> rows)
    {
        var cells = new ImportCells();
        foreach (var row in rows)
        {
            Text(row.Id);
            Text(row.Site?.InstanceId);
            Text(row.Site?.Name);
            Text(row.StatusText);
            Text(row.Revision);
            Time(row.Created);
            Time(row.Updated);
            Text(row.FileName);
            Number(row.FileSize);
            Text(row.EmailColumn);
            Text(row.PointsColumn);
            Number(row.ParsedRowCount);
            Text(row.ParseErrorReason);
            Number(row.SuccessCount);
            Number(row.FailureCount);
            Add(row.ErrorFileExists is not null, () => cells.Add(row.ErrorFileExists!.Value));
            Text(ImportFilterQuery.ToWord(row.Verdict));
        }

        return cells;

        void Text(string? text) => Add(text is not null, () => cells.Add(Encoding.UTF8.GetBytes(text!)));

        void Number(long? number) => Add(number is not null, () => cells.Add(number!.Value));

        void Time(DateTimeOffset? time) => Add(time is not null, () => cells.Add(time!.Value));

        void Add(bool isThere, Action add)
        {
            if (isThere)
            {
                add();
            }
            else
            {
                cells.AddAbsent();
            }
        }
    }

    /// <summary>Rows as they come from a stream: some at a time.</summary>
    public static IAsyncEnumerable<ImportCells> Pieces(IReadOnlyList<ImportRow> rows) => rows.Chunk(3).Select(piece => Cells(piece)).ToAsyncEnumerable();

    /// <summary>The ids of all rows of a stream.</summary>
    public static async Task<List<string>> IdsAsync(this IAsyncEnumerable<ImportCells> pieces)
    {
        List<string> ids = [];
        await foreach (var piece in pieces)
        {
            ids.AddRange(Ids(piece));
        }

        return ids;
    }

    /// <summary>The ids of some rows.</summary>
    public static IEnumerable<string> Ids(ImportCells cells) => Enumerable.Range(0, cells.Rows).Select(row => Encoding.UTF8.GetString(cells[row, ImportColumn.Id].Text)).ToList();

    /// <summary>Gives the first, then waits for the gate before it gives the others; tells when it was ended early.</summary>
    public static IAsyncEnumerable<T> Gated<T>(IReadOnlyList<T> rows, Task gate, TaskCompletionSource ended) => GatedAsync(rows, gate, ended, CancellationToken.None);

    private static async IAsyncEnumerable<T> GatedAsync<T>(IReadOnlyList<T> rows, Task gate, TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return rows[0];
            await gate.WaitAsync(cancellation);
            foreach (var row in rows.Skip(1))
            {
                yield return row;
            }
        }
        finally
        {
            ended.SetResult();
        }
    }
}
