using System.Data.Common;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace LoyaltyDashboard.Tests.Queries;

/// <summary>Many sites with imports of every kind, against a count by hand.</summary>
public sealed class SiteQueriesTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly SiteLink[] _order = [SiteLink.Refused, SiteLink.NotUnderstood, SiteLink.Unreachable];
    private static readonly string[] _statuses = ["INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED", "FAILED", "SLEEPING"];

    private TempDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TempDatabase.CreateAsync(Stop);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Page_of_many_sites_counts_each_and_orders_all()
    {
        var random = new Random(20261124);
        var sites = Enumerable.Range(0, 230).Select(i => (
            Id: $"site {i}", Name: i % 9 == 0 ? null : $"{(i % 2 == 0 ? "ä" : "Z")} {random.Next(40):00}", Link: (SiteLink)random.Next(7),
            Statuses: Enumerable.Range(0, random.Next(6)).Select(_ => _statuses[random.Next(_statuses.Length)]).ToArray())).ToList();
        Write(sites.SelectMany(site => (IngestItem[])
        [
            .. site.Statuses.Select((status, k) => new WixWebhook { ImportId = $"{site.Id} {k}", InstanceId = site.Id, Status = status }.ToDelivery(_now.AddMinutes(k))),
            new SiteAnswer { InstanceId = site.Id, At = _now, Link = site.Link, Reason = "why", SiteName = site.Name, SiteUrl = "https://a.example" },
        ]));

        var pages = new List<SitePage>();
        for (var number = 1; number <= 6; number++)
        {
            pages.Add(await new SiteQueries(_database.Contexts).PageAsync(Reader.System, number, 40, Stop));
        }

        Assert.All(pages, page => Assert.Equal(sites.Count, page.Total));
        Assert.Equal([40, 40, 40, 40, 40, 30], pages.Select(page => page.Sites.Count));
        var expected = sites.Select((site, row) => (site, row))
            .OrderBy(s => s.site.Link == SiteLink.Removed ? 9 : Array.IndexOf(_order, s.site.Link) is >= 0 and var place ? place : 8)
            .ThenBy(s => s.site.Name is null).ThenBy(s => s.site.Name is null ? null : TextFold.Fold(s.site.Name), StringComparer.Ordinal).ThenBy(s => s.row)
            .Select(s => (s.site.Id, s.site.Name, s.site.Link, s.site.Statuses.Length, s.site.Statuses.Count(status => status is not ("IMPORTED" or "FAILED")),
                s.site.Statuses.Length == 0 ? (DateTimeOffset?)null : _now.AddMinutes(s.site.Statuses.Length - 1)));
        Assert.Equal(expected, pages.SelectMany(page => page.Sites).Select(s => (s.Site.InstanceId, s.Site.Name, s.Link, s.Imports, s.Unfinished, s.LastArrival)));
    }

    [Fact]
    public async Task Imports_that_are_gone_or_named_no_site_are_not_unfinished()
    {
        Write(
        [
            new WixWebhook { ImportId = "a", InstanceId = "site" }.ToDelivery(_now),
            new WixWebhook { ImportId = "b", InstanceId = "site" }.ToDelivery(_now),
            new WixWebhook { ImportId = "c", Event = e => e["id"] = "52269077-05f2-4b59-ba4f-36ef8c4c1e11", InstanceId = "site" }.ToDelivery(_now),
            new SiteAnswer { InstanceId = "site", At = _now.AddHours(1), Link = SiteLink.Connected, Unknown = ["a"] },
        ]);

        var site = Assert.Single((await new SiteQueries(_database.Contexts).PageAsync(Reader.System, 1, 50, Stop)).Sites);

        Assert.Equal((3, 1), (site.Imports, site.Unfinished));
    }

    [Fact]
    public async Task Figures_of_a_sites_imports_are_read_off_indexes_alone()
    {
        var sent = new SentCommands();
        var contexts = new PooledDbContextFactory<DashboardDb>(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(_database.Connection.ConnectionString).AddInterceptors(sent).Options);

        await new SiteQueries(contexts).PageAsync(Reader.System, 1, 50, Stop);

        Assert.Equal(3, sent.Plans[0].Count(line => line.Contains("USING COVERING INDEX IX_imports_SiteRowId", StringComparison.Ordinal)));
        Assert.DoesNotContain(sent.Plans[0], line => line.Contains("SCAN i", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(5, null, 5)]
    [InlineData(5, 3, 5)]
    [InlineData(5, 9, 9)]
    [InlineData(null, 9, null)]
    public void Next_question_is_the_later_of_plan_and_rest(int? plan, int? rest, int? next)
    {
        DateTimeOffset? At(int? minutes) => minutes is { } m ? _now.AddMinutes(m) : null;

        Assert.Equal(At(next), new SiteStatus(1, new("a", null, null), 0, 0, null, null, SiteLink.Limited, null, null, 0, null, At(plan), At(rest)).NextQuestion);
    }

    private void Write(IEnumerable<IngestItem> items)
    {
        using var session = new WriterSession(_database.Connection.ConnectionString);
        using var transaction = session.Begin();
        foreach (var item in items)
        {
            session.Apply(item, []);
        }

        transaction.Commit();
    }

    // How SQLite would run each question as it is really sent.
    private sealed class SentCommands : DbCommandInterceptor
    {
        public List<IReadOnlyList<string>> Plans { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            using var explain = command.Connection!.CreateCommand();
            explain.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
            foreach (DbParameter parameter in command.Parameters)
            {
                explain.Parameters.Add(new SqliteParameter(parameter.ParameterName, parameter.Value));
            }

            using var reader = explain.ExecuteReader();
            List<string> plan = [];
            while (reader.Read())
            {
                plan.Add(reader.GetString(3));
            }

            Plans.Add(plan);
            return new(result);
        }
    }
}
