using LoyaltyDashboard.Access;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Following;

/// <summary>Answers that no Wix would give: whatever one site shows, that site alone bears it, and is asked no more often than others.</summary>
public sealed class HostileAnswersTests : IAsyncLifetime
{
    private const string Site = WixWebhook.Site;
    private const string OtherSite = "f1a2b3c4-0001-4002-8003-000000000002";

    private readonly FakeTimeProvider _time = new FollowedTime();
    private FakeWix _wix = null!;
    private DashboardApp _app = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private int Questions => _wix.Calls.Count(call => call.Path.EndsWith("/query", StringComparison.Ordinal));

    public async ValueTask InitializeAsync()
    {
        _wix = await FakeWix.StartAsync();
        _app = DashboardApp.Start(_time, settings: new() { ["Wix:ApiBaseUrl"] = _wix.Address, ["Wix:AppId"] = "app", ["Wix:AppSecret"] = "hush" }, services: services =>
        {
            foreach (var loop in services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType is { } type && (type == typeof(Follower) || type == typeof(StuckWatch))).ToList())
            {
                services.Remove(loop);
            }

            services.AddHttpClient(WixApi.ClientName).AddHttpMessageHandler(() => new Breaking());
        });
    }

    public async ValueTask DisposeAsync()
    {
        ((IDisposable)_app).Dispose();
        await _wix.DisposeAsync();
    }

    [Fact]
    public async Task Site_whose_only_due_import_was_ended_by_an_event_is_due_no_more()
    {
        AnswerName();
        AnswerList(string.Empty);
        await AnnounceAsync("before", status: "IMPORTED");
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));
        await AnnounceAsync();
        await AnnounceAsync(status: "IMPORTED", revision: "2");

        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));

        Assert.Equal(1, Questions);
        Assert.True((await SiteAsync()).NextAsk > _time.GetUtcNow());
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("9999-12-31T23:59:59.999Z")]
    public async Task Date_at_the_end_of_time_stops_no_comparison_and_hides_nothing_that_is_still_to_come(string created)
    {
        AnswerName();
        AnswerList($$"""{"id":"a","revision":"2","status":"IMPORTED","createdDate":"{{created}}"}""");
        await AnnounceAsync();
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));
        Assert.Null((await SiteAsync()).RecoveredTo);

        AnswerList("""{"id":"b","revision":"2","status":"IMPORTED","createdDate":"2026-11-24T13:00:00Z"}""");
        Assert.True(await PassAfterAsync(SiteRound.BetweenRecoveries + TimeSpan.FromMinutes(15)));

        Assert.Equal(ImportStatus.Imported, (await _app.Imports.FindAsync(Reader.System, "b", Stop))!.Row.Status);
        Assert.Empty(_app.Warnings);
    }

    [Fact]
    public async Task Fault_of_the_program_with_one_site_lets_that_site_rest_and_the_others_go_on()
    {
        await AnnounceAsync("a", "broken-site");
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));
        AnswerName();
        AnswerList("""{"id":"b","revision":"2","status":"IMPORTED"}""");
        await AnnounceAsync("b", OtherSite);
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));

        var broken = await SiteAsync("broken-site");
        Assert.Equal((SiteLink.NotUnderstood, 1), (broken.Link, broken.FaultsInARow));
        Assert.True(broken.NotBefore > _time.GetUtcNow());
        Assert.Equal(ImportStatus.Imported, (await _app.Imports.FindAsync(Reader.System, "b", Stop))!.Row.Status);
        Assert.Contains("unexpected fault", Assert.Single(_app.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"id":"a","revision":"2","status":"IMPORTED","createdDate":"2026-11-24T11:00:00Z"}""")]
    public async Task List_that_goes_on_for_ever_and_shows_nothing_further_is_left_until_the_next_comparison(string imports)
    {
        AnswerName();
        for (var page = 0; page < 50; page++)
        {
            AnswerList(imports, $"cursor-{page}");
        }

        await AnnounceAsync(status: "IMPORTED");
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));

        Assert.Equal(4, Questions);
        var site = await SiteAsync();
        Assert.Equal((SiteLink.Connected, 1, "Wix's list goes on page after page and shows nothing further."), (site.Link, site.OddAnswers, site.LastOddAnswer));
        Assert.True(site.NextRecovery > _time.GetUtcNow() + TimeSpan.FromHours(5));
    }

    [Fact]
    public async Task Page_that_could_not_be_stored_is_asked_for_again()
    {
        AnswerName();
        AnswerList("""{"id":"p1","revision":"2","status":"IMPORTED","createdDate":"2026-11-20T11:00:00Z"}""", "to-2");
        AnswerList("""{"id":"p2","revision":"2","status":"IMPORTED","createdDate":"2026-11-21T11:00:00Z"}""", "to-3");
        await AnnounceAsync(status: "IMPORTED");
        await using (var holder = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_app.DatabasePath};Pooling=False"))
        {
            await holder.OpenAsync(Stop);
            _wix.Answer(async context =>
            {
                // The database is taken while Wix answers.
                await using var hold = holder.CreateCommand();
                hold.CommandText = "BEGIN IMMEDIATE";
                await hold.ExecuteNonQueryAsync(Stop);
                await context.Response.WriteAsync("""{"loyaltyImports":[{"id":"p3","revision":"2","status":"IMPORTED","createdDate":"2026-11-22T11:00:00Z"}],"pagingMetadata":{"hasNext":true,"cursors":{"next":"to-4"}}}""", Stop);
            });
            Assert.False(await PassAfterAsync(TimeSpan.FromSeconds(3)));
        }

        AnswerList("""{"id":"p2","revision":"2","status":"IMPORTED","createdDate":"2026-11-21T11:00:00Z"},{"id":"p3","revision":"2","status":"IMPORTED","createdDate":"2026-11-22T11:00:00Z"}""");
        Assert.True(await PassAfterAsync(TimeSpan.FromSeconds(3)));

        Assert.DoesNotContain(_wix.Calls, call => call.Body.Contains("to-4", StringComparison.Ordinal));
        Assert.NotNull(await _app.Imports.FindAsync(Reader.System, "p3", Stop));
    }

    private async Task AnnounceAsync(string id = "a", string site = Site, string status = "INITIATED", string revision = "1")
    {
        using var answer = await _app.PostAsync(new WixWebhook { ImportId = id, InstanceId = site, Status = status, Revision = revision, Entity = entity => entity.Remove("createdDate") });
        answer.EnsureSuccessStatusCode();
    }

    // A name, then the list, which is all that a new site is asked for while its imports are listed.
    private void AnswerName() => _wix.Answer(200, """{"site":{"siteDisplayName":"Shop"}}""");

    private void AnswerList(string imports, string? next = null) =>
        _wix.Answer(200, $$"""{"loyaltyImports":[{{imports}}],"pagingMetadata":{{(next is null ? """{"hasNext":false}""" : $$$"""{"hasNext":true,"cursors":{"next":"{{{next}}}"}}""")}}}""");

    private async Task<bool> PassAfterAsync(TimeSpan time)
    {
        _time.Advance(time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        return await _app.Services.GetRequiredService<Follower>().PassAsync(limit.Token);
    }

    private async Task<SiteRecord> SiteAsync(string site = Site)
    {
        await using var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        return await database.Sites.AsNoTracking().SingleAsync(s => s.InstanceId == site, Stop);
    }

    // A fault of the program's own, on the way to one site.
    private sealed class Breaking : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Content is { } body && (await body.ReadAsStringAsync(cancellationToken)).Contains("broken-site", StringComparison.Ordinal)
                ? throw new InvalidCastException("A fault of the program's own.")
                : await base.SendAsync(request, cancellationToken);
    }
}
