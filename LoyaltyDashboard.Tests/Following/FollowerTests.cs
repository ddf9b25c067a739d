using LoyaltyDashboard.Access;
using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Following;

public sealed class FollowerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announced_import_is_followed_to_its_end_with_each_of_its_steps()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", failures: 3);

        await wix.RunAsync(TimeSpan.FromMinutes(2));

        var detail = await wix.FindAsync("a");
        Assert.Equal((ImportStatus.Imported, 497L, 3L, true, null), (detail.Row.Status, detail.Row.SuccessCount, detail.Row.FailureCount, detail.Row.ErrorFileExists, detail.Row.Follow.NextAsk));
        Assert.Equal(["INITIATED", "PARSING", "PARSED", "IMPORTING", "IMPORTED"], detail.Observations.Reverse().Select(o => o.Status!));
        Assert.Equal(["email", "points"], detail.LoyaltyImport.FileMetadata!.Header!.Values!);
        Assert.Empty(wix.Warnings);
    }

    [Fact]
    public async Task Finished_import_costs_a_handful_of_questions_and_none_once_it_is_finished()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a");
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        var asked = wix.Asked();

        await wix.RunAsync(TimeSpan.FromHours(5));

        Assert.Equal(["token", "name", "query"], asked.Take(3));
        Assert.InRange(asked.Count, 5, 16);
        Assert.Equal(asked, wix.Asked());
    }

    [Fact]
    public async Task Failed_import_is_final_and_tells_why()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", parseError: "EMPTY_FILE");

        await wix.RunAsync(TimeSpan.FromMinutes(1));

        var row = (await wix.FindAsync("a")).Row;
        Assert.Equal((ImportStatus.Failed, "EMPTY_FILE", null), (row.Status, row.ParseErrorReason, row.Follow.NextAsk));
    }

    [Fact]
    public async Task Site_is_named_by_Wix()
    {
        using var wix = new FollowedSandbox();
        wix.World.AddSite(new SandboxSite(FollowedSandbox.Site, "owner", "Rosa's Café", "https://rosas.example.com/"));
        await wix.AnnounceAsync("a");

        await wix.RunAsync(TimeSpan.FromSeconds(5));

        var site = await wix.SiteAsync();
        Assert.Equal(("Rosa's Café", "https://rosas.example.com/", SiteLink.Connected, wix.Time.Start.AddSeconds(2)), (site.Name, site.Url, site.Link, site.FollowedSince));
    }

    [Fact]
    public async Task Imports_of_a_site_that_are_due_together_are_asked_for_with_one_question()
    {
        using var wix = new FollowedSandbox();
        for (var i = 0; i < 40; i++)
        {
            await wix.AnnounceAsync($"import-{i}", waitsForEver: true);
        }

        await wix.RunAsync(TimeSpan.FromHours(1));
        var before = wix.Asked().Count;
        await wix.RunAsync(TimeSpan.FromHours(4));

        // Forty imports with two hours between two questions: 80 questions one by one.
        var asked = wix.Asked().Skip(before).ToList();
        Assert.All(asked, word => Assert.Equal("query", word is "token" or "name" ? "query" : word));
        Assert.InRange(asked.Count, 2, 12);
        Assert.All(Enumerable.Range(0, 40), i => Assert.InRange(wix.Time.GetUtcNow() - wix.FindAsync($"import-{i}").GetAwaiter().GetResult().Row.LastSeen, TimeSpan.Zero, TimeSpan.FromHours(2.3)));
    }

    [Fact]
    public async Task Import_that_its_page_should_show_and_does_not_is_asked_for_by_id_and_then_gone()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.AnnounceAsync("b", waitsForEver: true);
        using (var answer = await wix.App.PostAsync(new WixWebhook { ImportId = wix.Id("never-was"), InstanceId = FollowedSandbox.Site, Entity = e => e["createdDate"] = $"{wix.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}" }))
        {
            answer.EnsureSuccessStatusCode();
        }

        await wix.RunAsync(TimeSpan.FromMinutes(1));
        var early = (await wix.FindAsync("never-was")).Row.Follow;
        await wix.RunAsync(TimeSpan.FromMinutes(10));
        var late = (await wix.FindAsync("never-was")).Row;
        var asked = wix.Asked().Count(word => word == "never-was");
        await wix.RunAsync(TimeSpan.FromHours(3));

        Assert.Null(early.Gone);
        Assert.Equal((ImportStatus.Initiated, null), (late.Status, late.Follow.NextAsk));
        Assert.NotNull(late.Follow.Gone);
        Assert.InRange(asked, 2, 15);
        Assert.Equal(asked, wix.Asked().Count(word => word == "never-was"));
        Assert.Equal(ImportStatus.Parsed, (await wix.FindAsync("a")).Row.Status);
    }

    [Fact]
    public async Task Import_whose_id_Wix_writes_in_other_letters_is_followed_under_the_id_it_was_announced_by()
    {
        using var wix = new FollowedSandbox();
        var import = wix.Create("a");
        var announced = import.Id.ToUpperInvariant();
        using (var answer = await wix.App.PostAsync(new WixWebhook { ImportId = announced, InstanceId = FollowedSandbox.Site }))
        {
            answer.EnsureSuccessStatusCode();
        }

        await wix.RunAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(ImportStatus.Imported, (await wix.App.Imports.FindAsync(Reader.System, announced, Stop))!.Row.Status);
    }

    [Fact]
    public async Task Import_whose_webhook_was_lost_is_found_by_the_next_comparison()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("announced");
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        wix.Create("lost");

        await wix.RunAsync(SiteRound.BetweenRecoveries + TimeSpan.FromMinutes(20));

        var lost = await wix.FindAsync("lost");
        Assert.Equal((ImportStatus.Imported, lost.Row.Created!.Value, null), (lost.Row.Status, lost.Row.Arrived, lost.Event));
        Assert.All(lost.Observations, o => Assert.Equal(ObservationSource.Api, o.Source));
    }

    [Fact]
    public async Task Each_start_compares_the_lists_of_all_sites()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("announced");
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        wix.Create("lost");

        Assert.True(await wix.Follower.BeginAsync(Stop));
        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(ImportStatus.Imported, (await wix.FindAsync("lost")).Row.Status);
    }

    [Fact]
    public async Task Site_first_seen_brings_all_its_past_imports_page_by_page()
    {
        using var wix = new FollowedSandbox();
        for (var i = 0; i < 730; i++)
        {
            wix.Create($"past-{i}", ago: TimeSpan.FromHours(i + 1));
        }

        await wix.AnnounceAsync("announced");
        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((731, true), await wix.App.Imports.PageAsync(Reader.System, ImportFilter.Default, 1, 1, Stop) is var page ? (page.Total, page.TotalIsExact) : default);
        Assert.InRange(wix.Asked().Count(word => word == "query"), 8, 12);
        Assert.Equal(ImportStatus.Imported, (await wix.FindAsync("past-729")).Row.Status);
        Assert.Empty(wix.Warnings);
    }

    [Fact]
    public async Task Page_that_could_not_be_stored_is_asked_for_again()
    {
        using var wix = new FollowedSandbox();
        for (var i = 0; i < 250; i++)
        {
            wix.Create($"past-{i}", ago: TimeSpan.FromHours(i + 1));
        }

        await wix.AnnounceAsync("announced");
        await wix.RunAsync(TimeSpan.Zero);
        wix.Time.Advance(TimeSpan.FromSeconds(2));
        using (var blocker = SqliteSetup.Open(wix.App.Services.GetRequiredService<SqliteConnectionStringBuilder>().ConnectionString))
        {
            var round = wix.App.Services.GetRequiredService<SiteRound>();
            var site = (await wix.App.Services.GetRequiredService<FollowPlan>().FindSiteAsync(FollowedSandbox.Site, Stop))! with { NextNaming = DateTimeOffset.MaxValue };
            using var transaction = blocker.BeginTransaction(deferred: false);
            Assert.False(await round.RunAsync(site, Stop));
        }

        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((251, true), await wix.App.Imports.PageAsync(Reader.System, ImportFilter.Default, 1, 1, Stop) is var page ? (page.Total, page.TotalIsExact) : default);
    }

    [Fact]
    public async Task Impossible_date_does_not_end_the_comparison_of_lists()
    {
        using var wix = new FollowedSandbox();
        wix.Create("odd", ago: wix.Time.GetUtcNow() - DateTimeOffset.MinValue, waitsForEver: true);
        await wix.Refresh.SiteAsync(Reader.System, FollowedSandbox.Site, Stop);
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        wix.Create("lost", ago: TimeSpan.FromSeconds(30));

        await wix.RunAsync(TimeSpan.FromHours(7));

        Assert.Equal(ImportStatus.Imported, (await wix.FindAsync("lost")).Row.Status);
        Assert.Equal(wix.Time.Start.AddSeconds(30), (await wix.SiteAsync()).RecoveredTo);
    }

    [Fact]
    public void Lists_are_compared_up_to_the_latest_date_that_is_not_ahead_of_us()
    {
        var now = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        ApiImportPage Page(params DateTimeOffset?[] created) => new([.. created.Select(date => new ApiImport(new LoyaltyImport { Id = "a", CreatedDate = date }, []))], 0, null);

        Assert.Equal(now.AddHours(-1), SiteRound.CreatedUpTo(Page(now.AddHours(-2), now.AddHours(-1), null, DateTimeOffset.MaxValue), now));
        Assert.Null(SiteRound.CreatedUpTo(Page(DateTimeOffset.MinValue, null, now.AddTicks(1)), now));
    }

    [Fact]
    public async Task Restart_in_the_middle_goes_on_where_the_schedule_stands()
    {
        var directory = Directory.CreateTempSubdirectory("loyalty-");
        try
        {
            var path = Path.Combine(directory.FullName, "restart.db");
            var time = new FollowedTime();
            using (var first = new FollowedSandbox(time, path))
            {
                await first.AnnounceAsync("moving");
                await first.AnnounceAsync("waiting", waitsForEver: true);
                await first.RunAsync(TimeSpan.FromSeconds(17));
                Assert.Equal((ImportStatus.Importing, ImportStatus.Parsed), ((await first.FindAsync("moving")).Row.Status, (await first.FindAsync("waiting")).Row.Status));
            }

            using var second = new FollowedSandbox(time, path);
            var planned = (await second.FindAsync("waiting")).Row.Follow.NextAsk;
            await second.RunAsync(TimeSpan.FromMinutes(1));

            Assert.NotNull(planned);
            Assert.Equal(ImportStatus.Imported, (await second.FindAsync("moving")).Row.Status);
            Assert.Equal(5, (await second.FindAsync("moving")).Observations.Count);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Site_whose_due_import_was_finished_by_a_forwarded_event_is_not_due_any_more()
    {
        using var wix = new FollowedSandbox();
        var import = await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        using (var answer = await wix.App.PostAsync(new WixWebhook { ImportId = import.Id, InstanceId = FollowedSandbox.Site, Revision = "9", Status = "FAILED" }))
        {
            answer.EnsureSuccessStatusCode();
        }

        var planned = await wix.SiteAsync();
        var asked = wix.Asked();
        wix.Time.Advance(planned.NextAsk!.Value - wix.Time.GetUtcNow());
        var due = Assert.Single(await wix.App.Services.GetRequiredService<FollowPlan>().SitesAsync(wix.Time.GetUtcNow(), [], 8, Stop));
        Assert.True(await wix.App.Services.GetRequiredService<SiteRound>().RunAsync(due, Stop));

        // One look was for nothing; the next is hours away. Wix was not asked, so nothing is told of it.
        var after = await wix.SiteAsync();
        Assert.InRange(after.NextAsk!.Value - wix.Time.GetUtcNow(), TimeSpan.FromHours(5), TimeSpan.FromHours(7));
        Assert.Equal((planned.Link, planned.LinkSince, planned.LastAnswer), (after.Link, after.LinkSince, after.LastAnswer));
        Assert.Equal(asked, wix.Asked());
    }

    [Fact]
    public async Task One_token_serves_a_site_until_shortly_before_its_end()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);

        await wix.RunAsync(TimeSpan.FromHours(3.5));
        var tokens = wix.Asked().Count(word => word == "token");
        await wix.RunAsync(TimeSpan.FromHours(4));

        Assert.Equal((1, 2), (tokens, wix.Asked().Count(word => word == "token")));
    }

    [Fact]
    public async Task Without_an_app_secret_nothing_is_asked_and_a_person_is_told_why()
    {
        using var wix = new FollowedSandbox(withSecret: false);
        await wix.AnnounceAsync("a");

        Assert.False(((WixApi)wix.App.Services.GetService(typeof(WixApi))!).CanFollow);
        Assert.Equal(new RefreshResult(false, "Imports are not followed: no app secret is set (Wix:AppId and Wix:AppSecret)."), await wix.Refresh.ImportAsync(Reader.System, wix.Id("a"), FollowedSandbox.Site, Stop));
        Assert.Empty(wix.Log.Entries);
    }

    [Fact]
    public async Task Person_asks_for_an_import_past_the_schedule()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);
        wix.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(new RefreshResult(true, "Wix says: Parsed."), await wix.Refresh.ImportAsync(Reader.System, wix.Id("a"), FollowedSandbox.Site, Stop));
        Assert.Equal(ImportStatus.Parsed, (await wix.FindAsync("a")).Row.Status);
        wix.Faults.Switch(SandboxFault.Forbidden, times: 1);
        Assert.False((await wix.Refresh.ImportAsync(Reader.System, wix.Id("a"), FollowedSandbox.Site, Stop)).Succeeded);
        Assert.Equal(SiteLink.Refused, (await wix.SiteAsync()).Link);
    }

    [Fact]
    public async Task Person_cannot_ask_while_Wix_has_asked_us_to_wait()
    {
        using var wix = new FollowedSandbox();
        var import = await wix.AnnounceAsync("a", waitsForEver: true);
        wix.Faults.RetryAfter = TimeSpan.FromMinutes(7);
        wix.Faults.Switch(SandboxFault.TooManyRequests, times: 1);
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        var asked = wix.Asked();
        var early = await wix.Refresh.ImportAsync(Reader.System, import.Id, FollowedSandbox.Site, Stop);
        Assert.Equal(asked, wix.Asked());
        wix.Time.Advance(TimeSpan.FromMinutes(7));
        var late = await wix.Refresh.ImportAsync(Reader.System, import.Id, FollowedSandbox.Site, Stop);

        Assert.False(early.Succeeded);
        Assert.StartsWith("Wix asked us to slow down; it can be asked again in 3", early.Message, StringComparison.Ordinal);
        Assert.Equal(new RefreshResult(true, "Wix says: Parsed."), late);
    }

    [Fact]
    public async Task Person_asks_for_a_site_that_had_refused_us()
    {
        using var wix = new FollowedSandbox();
        wix.Faults.Switch(SandboxFault.Forbidden);
        await wix.AnnounceAsync("a");
        await wix.RunAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(SiteLink.Refused, (await wix.SiteAsync()).Link);
        wix.Faults.Clear();

        Assert.True((await wix.Refresh.SiteAsync(Reader.System, FollowedSandbox.Site, Stop)).Succeeded);
        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((SiteLink.Connected, ImportStatus.Imported), ((await wix.SiteAsync()).Link, (await wix.FindAsync("a")).Row.Status));
    }
}
