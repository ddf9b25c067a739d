using System.IO.Pipelines;
using System.Text;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Export;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>A stream beside what happens to the list while it is read.</summary>
public sealed class ImportStreamsTests : IDisposable
{
    private readonly DashboardApp _app = DashboardApp.Start(new FakeTimeProvider(ManyImports.Now));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Reader_that_stops_reading_keeps_nothing_open()
    {
        await StoreAsync(Imports(600));
        await using var pieces = _app.Streams.RowsAsync(Reader.System, ImportFilter.Default, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await pieces.MoveNextAsync());
        await StoreAsync([new GivenImport { Arrived = ManyImports.Now }]);

        // Emptying the write-ahead log waits for whoever reads from it.
        Assert.Equal((0L, 0L), Checkpoint());

        Assert.True(await pieces.MoveNextAsync());
        Assert.Equal((0L, 0L), Checkpoint());
    }

    [Fact]
    public async Task Reader_of_items_that_stops_reading_keeps_nothing_open()
    {
        await StoreAsync(Imports(100));
        await using var items = _app.Streams.ItemsAsync(Reader.System, ImportFilter.Default, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await items.MoveNextAsync());
        await StoreAsync([new GivenImport { Arrived = ManyImports.Now }]);

        Assert.Equal((0L, 0L), Checkpoint());
    }

    [Fact]
    public async Task What_comes_later_is_not_in_it_what_goes_is_left_out_and_what_changes_is_given_in_its_place_as_it_is_by_then()
    {
        var imports = Imports(600);
        await StoreAsync(imports);
        var filter = new ImportFilter { Sort = ImportSort.File, Ascending = true };
        var pieces = _app.Streams.RowsAsync(Reader.System, filter, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await pieces.MoveNextAsync());
        var read = Rows.Ids(pieces.Current).ToList();

        await StoreAsync([new GivenImport { Arrived = ManyImports.Now, FileName = "9999.csv" }, imports[400] with { EventId = "later", Revision = "2", FileName = "0000.csv" }]);
        Execute($"DELETE FROM imports WHERE FileName = '{imports[500].FileName}'");
        string? changed = null;
        while (await pieces.MoveNextAsync())
        {
            var rows = pieces.Current;
            var ids = Rows.Ids(rows).ToList();
            changed ??= ids.IndexOf(imports[400].Id) is >= 0 and var at ? Encoding.UTF8.GetString(rows[at, ImportColumn.FileName].Text) : null;
            read.AddRange(ids);
        }

        await pieces.DisposeAsync();
        Assert.Equal(imports.Where((_, i) => i != 500).Select(i => i.Id), read);
        Assert.Equal("0000.csv", changed);
    }

    [Fact]
    public async Task Large_rows_come_fewer_at_a_time()
    {
        var imports = Imports(20).Select(i => i with { FileName = new string('x', 100_000) }).ToList();
        await StoreAsync(imports);
        var most = 0;
        List<string> read = [];

        await foreach (var rows in _app.Streams.RowsAsync(Reader.System, ImportFilter.Default, Stop))
        {
            most = Math.Max(most, rows.Rows);
            read.AddRange(Rows.Ids(rows));
        }

        Assert.Equal(3, most);
        Assert.Equal(imports.Select(i => i.Id).Reverse(), read);
    }

    [Fact]
    public async Task Reader_that_goes_away_is_asked_for_no_further_piece_and_leaves_its_place()
    {
        await StoreAsync(Imports(600));
        using var gone = new CancellationTokenSource();
        await using var pieces = _app.Streams.RowsAsync(Reader.System, ImportFilter.Default, gone.Token).GetAsyncEnumerator(Stop);
        Assert.True(await pieces.MoveNextAsync());

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pieces.MoveNextAsync());
        var gate = _app.Services.GetRequiredService<QuestionGate>();
        Assert.All(Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)), _ => Assert.True(gate.EnterAsync(Stop).IsCompletedSuccessfully));
    }

    private static List<GivenImport> Imports(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new GivenImport { Arrived = ManyImports.Now.AddMinutes(i), FileName = $"{i + 1000}.csv" })];

    private async Task StoreAsync(IReadOnlyList<GivenImport> imports)
    {
        var queue = _app.Services.GetRequiredService<IngestQueue>();
        var results = await Task.WhenAll(imports.Select(import => queue.EnqueueAsync(import.ToDelivery(), Stop)));
        Assert.All(results, result => Assert.Equal(IngestStatus.Committed, result.Status));
    }

    private (long IsBusy, long FramesLeft) Checkpoint()
    {
        using var connection = SqliteSetup.Open($"Data Source={_app.DatabasePath};Default Timeout=1");
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using var answer = command.ExecuteReader();
        answer.Read();
        return (answer.GetInt64(0), answer.GetInt64(1));
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_app.DatabasePath};Foreign Keys=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

/// <summary>An export beside the list it was asked from, cell by cell.</summary>
public sealed class ImportStreamsAndListTests(ManyImports many) : IClassFixture<ManyImports>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<ImportSort, bool> Sorts => [.. from sort in Enum.GetValues<ImportSort>() from isAscending in (bool[])[true, false] select (sort, isAscending)];

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task File_is_the_list_cell_by_cell(ImportSort sort, bool isAscending)
    {
        var filter = new ImportFilter { Sort = sort, Ascending = isAscending };
        var listed = (await many.App.Imports.PageAsync(Reader.System, filter, 1, 500, Stop)).Rows;

        Assert.Equal(many.All.Count, listed.Count);
        Assert.Equal(await CsvAsync(Rows.Pieces(listed)), await CsvAsync(many.App.Streams.RowsAsync(Reader.System, filter, Stop)));
    }

    [Theory]
    [InlineData("CSV")]
    [InlineData("rosa's")]
    [InlineData("00")]
    [InlineData("nowhere to be found")]
    public async Task File_of_a_text_has_what_the_list_finds(string q)
    {
        var filter = new ImportFilter { Q = q, Sort = ImportSort.File, Statuses = [ImportStatus.Imported, ImportStatus.Failed] };
        var listed = (await many.App.Imports.PageAsync(Reader.System, filter, 1, 500, Stop)).Rows;

        Assert.Equal(q.StartsWith('n'), listed.Count == 0);
        Assert.NotEqual(many.All.Count, listed.Count);
        Assert.Equal(await CsvAsync(Rows.Pieces(listed)), await CsvAsync(many.App.Streams.RowsAsync(Reader.System, filter, Stop)));
        Assert.Equal(listed.Select(row => row.Id), await many.App.Streams.ItemsAsync(Reader.System, filter, Stop).Select(item => item.LoyaltyImport.Id).ToListAsync(Stop));
    }

    private static async Task<string> CsvAsync(IAsyncEnumerable<ImportCells> pieces)
    {
        using var stream = new MemoryStream();
        await CsvExport.WriteAsync(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), pieces, Stop);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
