using System.Collections.Concurrent;
using System.Data.Common;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Position = LoyaltyDashboard.Queries.ImportSorting.Position;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>Both ways to read a list, whatever its length: they agree with the oracle and with each other, and the one for long lists sorts nothing.</summary>
public sealed class ListPlanTests(ManyImports many) : IClassFixture<ManyImports>
{
    private static readonly Gen<ImportFilter> _filters = FilterGenerators.Filter(Gen.Constant<string?>(null), [.. ManyImports.Sites, "no such site"], Gen.Elements<string?>(null, null, "-24h", "2026-11-23T12:00:00Z"));

    // None, a few, most, all but one, all of them; the rest is read beside the index.
    private static readonly long[] _settled = [0, 3, 111, 159, 160];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IEnumerable<ImportFilter> EverySort => from sort in Enum.GetValues<ImportSort>() from isAscending in (bool[])[true, false] select new ImportFilter { Sort = sort, Ascending = isAscending };

    [Fact]
    public async Task Pages_of_a_walk_are_those_of_the_oracle_for_every_sort_and_at_every_depth()
    {
        await using var database = await DatabaseAsync();
        foreach (var (settledTo, filter) in from settledTo in _settled from filter in EverySort select (settledTo, filter))
        {
            await SettleAsync(database, settledTo);
            var expected = ListOracle.Ids(many.All, filter, ManyImports.Now);
            for (var skip = 0; skip <= 170; skip += 7)
            {
                var walked = await Walk(database, filter).PageAsync(skip, 13);

                Assert.Equal((settledTo, filter, Text(expected.Skip(skip).Take(13))), (settledTo, filter, Text(await IdsAsync(database, walked))));
            }
        }
    }

    [Fact]
    public async Task Places_after_and_before_agree_with_the_order_for_every_sort_and_row()
    {
        await using var database = await DatabaseAsync();
        foreach (var (settledTo, filter) in from settledTo in (long[])[111, 160] from filter in EverySort select (settledTo, filter))
        {
            await SettleAsync(database, settledTo);
            var expected = await Sort(database, filter).PageAsync(0, 500);
            var positions = (await many.App.Imports.RowsAsync(Reader.System, expected, Stop)).ToDictionary(row => row.RowId, ImportSorting.Of(filter.Sort).PositionOf);
            for (var at = 0; at < expected.Count; at++)
            {
                foreach (var order in (IListOrder[])[Walk(database, filter), Sort(database, filter)])
                {
                    var position = positions[expected[at]];
                    Assert.Equal((filter, order, at, Text(expected.Skip(at + 1).Take(9))), (filter, order, at, Text(await order.AfterAsync(position, 9))));
                    Assert.Equal((filter, order, at, at == 0 ? null : expected[at - 1]), (filter, order, at, await order.BeforeAsync(position)));
                }
            }
        }
    }

    [Fact]
    public async Task Filters_are_read_alike_whatever_counts_as_few()
    {
        await using var database = await DatabaseAsync();
        foreach (var (filter, few, skip, settledTo) in (from f in _filters from few in Gen.Elements(0, 5, 40) from s in Gen.Choose(0, 60) from settled in Gen.Choose(0, 160) select (f, few, s, settled)).Sample(300))
        {
            await SettleAsync(database, settledTo);
            var listed = ListOracle.Ids(many.All, filter, ManyImports.Now);
            var plan = await ListPlan.MakeAsync(new(database, Stop), filter, ManyImports.Now, few);

            var page = await plan.Order.PageAsync(skip, 11);

            Assert.Equal((ImportFilterQuery.Write(filter), few, Text(listed.Skip(skip).Take(11))), (ImportFilterQuery.Write(filter), few, Text(await IdsAsync(database, page))));
            Assert.Equal((ImportFilterQuery.Write(filter), few, (Math.Min(few, listed.Count), listed.Count <= few)), (ImportFilterQuery.Write(filter), few, await plan.TotalAsync()));
        }
    }

    [Fact]
    public async Task Rows_that_are_settled_while_a_list_is_read_stay_where_they_are()
    {
        await using var database = await DatabaseAsync();
        foreach (var filter in EverySort)
        {
            await SettleAsync(database, 60);
            var expected = ListOracle.Ids(many.All, filter, ManyImports.Now);
            var walk = Walk(database, filter);
            var first = await walk.PageAsync(0, 40);

            await SettleAsync(database, 130);
            var rest = await walk.PageAsync(40, 200);

            Assert.Equal((filter, Text(expected)), (filter, Text(await IdsAsync(database, [.. first, .. rest]))));
        }
    }

    [Fact]
    public async Task Place_of_a_site_that_was_renamed_meanwhile_goes_on_where_its_old_name_stood()
    {
        await using var database = await DatabaseAsync();
        foreach (var isAscending in (bool[])[true, false])
        {
            var filter = new ImportFilter { Sort = ImportSort.Site, Ascending = isAscending };
            var (walk, sort) = (Walk(database, filter), Sort(database, filter));
            var between = new Position(null, "m", 0, 0);

            Assert.Equal(await sort.AfterAsync(between, 20), await walk.AfterAsync(between, 20));
            Assert.Equal(await sort.BeforeAsync(between), await walk.BeforeAsync(between));
        }
    }

    [Fact]
    public async Task No_sort_of_a_long_list_sorts_or_reads_the_table_through()
    {
        await using (var state = await DatabaseAsync())
        {
            await SettleAsync(state, 120);
        }

        var asked = new Asked();
        var connection = many.App.Services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString;
        var options = new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection).AddInterceptors(new SqliteSetup(), asked).Options;
        foreach (var filter in EverySort)
        {
            await using var database = new DashboardDb(options);
            asked.Clear();
            var walk = Walk(database, filter);
            var first = await walk.PageAsync(0, 50);
            await walk.PageAsync(100, 50);
            await walk.AfterAsync(ImportSorting.Of(filter.Sort).PositionOf((await many.App.Imports.RowsAsync(Reader.System, first[^1..], Stop))[0]), 50);

            var steps = await asked.PlansAsync(database);

            Assert.NotEmpty(steps);
            // Sites are few, and those of one name fewer; no import is among what is sorted for their names.
            Assert.DoesNotContain(steps, step => step.Plan.Contains("TEMP B-TREE", StringComparison.Ordinal) && step.Sql.Contains("imports AS i", StringComparison.Ordinal));
            Assert.DoesNotContain(steps, step => step.Plan.StartsWith("SCAN i", StringComparison.Ordinal) && !step.Plan.Contains("USING", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Plan_that_sorts_is_seen()
    {
        var asked = new Asked();
        var connection = many.App.Services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString;
        await using var database = new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(connection).AddInterceptors(new SqliteSetup(), asked).Options);

        await Sort(database, new ImportFilter { Sort = ImportSort.Size }).PageAsync(0, 50);

        Assert.Contains(await asked.PlansAsync(database), step => step.Plan.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    private static string Text<T>(IEnumerable<T> values) => string.Join(" | ", values);

    private static async Task<IEnumerable<string>> IdsAsync(DashboardDb database, IReadOnlyList<long> rowIds)
    {
        var ids = await database.Imports.Where(i => rowIds.Contains(i.RowId)).ToDictionaryAsync(i => i.RowId, i => i.Id, Stop);
        return rowIds.Select(rowId => ids[rowId]);
    }

    private static SortedList Sort(DashboardDb database, ImportFilter filter) => new(new(database, Stop), filter, "imports AS i", []);

    private static IListOrder Walk(DashboardDb database, ImportFilter filter)
    {
        var sql = new ListSql(database, Stop);
        return ListPlan.Walk(sql, filter, ImportFiltering.Conditions(filter, ManyImports.Now, sql), few: 0);
    }

    // As the writer would have left it, had it come so far.
    private static async Task SettleAsync(DashboardDb database, long settledTo)
    {
        await database.Imports.ExecuteUpdateAsync(set => set.SetProperty(i => i.Settled, i => i.RowId <= settledTo ? true : (bool?)null), Stop);
        await database.Set<ListStateRecord>().ExecuteUpdateAsync(set => set.SetProperty(s => s.SettledTo, settledTo), Stop);
    }

    private async Task<DashboardDb> DatabaseAsync() => await many.App.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);

    /// <summary>Keeps what was asked, and asks SQLite how it would answer.</summary>
    private sealed class Asked : DbCommandInterceptor
    {
        private readonly ConcurrentQueue<(string Sql, List<SqliteParameter> Values)> _commands = new();
        private bool _isDeaf;

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (!_isDeaf)
            {
                _commands.Enqueue((command.CommandText, [.. command.Parameters.Cast<SqliteParameter>().Select(p => new SqliteParameter(p.ParameterName, p.Value))]));
            }

            return ValueTask.FromResult(result);
        }

        public void Clear() => _commands.Clear();

        public async Task<IReadOnlyList<(string Sql, string Plan)>> PlansAsync(DashboardDb database)
        {
            _isDeaf = true;
            await database.Database.OpenConnectionAsync(Stop);
            List<(string, string)> steps = [];
            foreach (var (sql, values) in _commands)
            {
                await using var command = database.Database.GetDbConnection().CreateCommand();
                command.CommandText = "EXPLAIN QUERY PLAN " + sql;
                command.Parameters.AddRange(values.Select(v => new SqliteParameter(v.ParameterName, v.Value)).ToArray());
                await using var reader = await command.ExecuteReaderAsync(Stop);
                while (await reader.ReadAsync(Stop))
                {
                    steps.Add((sql, reader.GetString(3)));
                }
            }

            _isDeaf = false;
            return steps;
        }
    }
}
