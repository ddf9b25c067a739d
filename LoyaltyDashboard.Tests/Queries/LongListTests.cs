using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Export;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>Lists longer than one piece of a stream, and figures too large for one sum.</summary>
public sealed class LongListTests : IDisposable
{
    private readonly DashboardApp _app = DashboardApp.Start(new FakeTimeProvider(ManyImports.Now));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Stream_over_several_reads_gives_every_row_once_in_order()
    {
        // Ties and absent values lie across the ends of the pieces of 256 rows.
        var imports = Enumerable.Range(0, 2_300).Select(i => new GivenImport { Arrived = ManyImports.Now.AddMinutes(-(i % 3)), FileSize = i % 7 == 0 ? null : i % 5, FileName = i % 4 == 0 ? null : $"{i % 6}.csv" }).ToList();
        await StoreAsync(imports);

        foreach (var filter in from sort in Enum.GetValues<ImportSort>() from isAscending in (bool[])[true, false] select new ImportFilter { Sort = sort, Ascending = isAscending })
        {
            Assert.Equal(ListOracle.Ids(imports, filter, ManyImports.Now), await _app.Streams.RowsAsync(Reader.System, filter, Stop).IdsAsync());
        }
    }

    [Fact]
    public async Task Figures_too_large_for_a_sum_are_cut_and_harm_nobody()
    {
        await StoreAsync([.. Enumerable.Range(0, 3).Select(_ => new GivenImport { Arrived = ManyImports.Now, Status = "IMPORTED", Succeeded = long.MaxValue, Failed = long.MaxValue })]);

        var tiles = await _app.Imports.TilesAsync(Reader.System, Stop);

        Assert.Equal((1L << 53, 1L << 53), (tiles.RowsImported, tiles.RowsFailed));
    }

    private async Task StoreAsync(IReadOnlyList<GivenImport> imports)
    {
        var queue = _app.Services.GetRequiredService<IngestQueue>();
        var results = await Task.WhenAll(imports.Select(import => queue.EnqueueAsync(import.ToDelivery(), Stop)));
        Assert.All(results, result => Assert.Equal(IngestStatus.Committed, result.Status));
    }
}
