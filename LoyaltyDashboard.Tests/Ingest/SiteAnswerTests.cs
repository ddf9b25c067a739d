using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Tests.Ingest;

/// <summary>What the writer makes of answers of Wix's API.</summary>
public sealed class SiteAnswerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private RunningWriter _writer = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _writer = await RunningWriter.StartAsync();

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    [Fact]
    public async Task Import_that_only_the_API_has_seen_arrived_when_it_was_created_and_has_no_event()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));

        var detail = await FindAsync("a");
        Assert.Equal((_then.AddDays(-1), _then, null), (detail.Row.Arrived, detail.Row.LastSeen, detail.Event));
        Assert.Equal(ObservationSource.Api, Assert.Single(detail.Observations).Source);
    }

    [Fact]
    public async Task Announcement_that_comes_afterwards_tells_when_we_first_heard_of_it()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(new WixWebhook { ImportId = "a" }.ToDelivery(_then.AddMinutes(5)));

        Assert.Equal(_then, (await FindAsync("a")).Row.Arrived);
    }

    [Fact]
    public async Task What_the_API_shows_again_adds_no_line_but_is_seen_again()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(Answer(_then.AddMinutes(1), Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(Answer(_then.AddMinutes(9), Seen("a", "2", "PARSED")));

        var detail = await FindAsync("a");
        var line = Assert.Single(detail.Observations);
        Assert.Equal((_then, _then.AddMinutes(9), _then.AddMinutes(9)), (line.ObservedAt, line.LastObservedAt, detail.Row.LastSeen));
    }

    [Fact]
    public async Task Older_state_changes_nothing_not_even_how_old_the_newest_is_and_is_counted()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "5", "IMPORTING")));
        await _writer.WriteAsync(Answer(_then.AddMinutes(1), Seen("a", "3", "PARSED")));

        var detail = await FindAsync("a");
        Assert.Equal((ImportStatus.Importing, _then, 2), (detail.Row.Status, detail.Row.LastSeen, detail.Observations.Count));
        var site = await SiteAsync();
        Assert.Equal((1, "Wix showed revision 3 of an import already seen at revision 5."), (site.OddAnswers, site.LastOddAnswer));
    }

    [Fact]
    public async Task Webhook_that_comes_late_is_no_odd_answer()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "5", "IMPORTING")));
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then.AddHours(8)));

        Assert.Equal((0, _then), ((await SiteAsync()).OddAnswers, (await FindAsync("a")).Row.LastSeen));
    }

    [Fact]
    public async Task Announced_import_is_asked_for_after_two_seconds_and_so_is_its_site()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));

        var site = await SiteAsync();
        Assert.Equal([_then.AddSeconds(2), _then.AddSeconds(2), _then.AddSeconds(2), _then.AddSeconds(2)], [(await FindAsync("a")).Row.Follow.NextAsk, site.NextAsk, site.NextRecovery, site.NextNaming]);
    }

    [Theory]
    [InlineData("IMPORTED")]
    [InlineData("FAILED")]
    public async Task Finished_import_is_asked_for_no_more(string status)
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));
        await _writer.WriteAsync(Answer(_then.AddSeconds(2), Seen("a", "6", status)) with { NextNaming = _then.AddDays(1), NextRecovery = _then.AddHours(6) });

        Assert.Null((await FindAsync("a")).Row.Follow.NextAsk);
        Assert.Equal(_then.AddHours(6), (await SiteAsync()).NextAsk);
    }

    [Fact]
    public async Task Import_without_a_site_and_the_test_event_are_never_asked_for()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "lost", InstanceId = "" }.ToDelivery(_then));
        await _writer.WriteAsync(new WixWebhook { ImportId = "test", EventId = "52269077-05f2-4b59-ba4f-36ef8c4c1e11" }.ToDelivery(_then));

        Assert.Null((await FindAsync("lost")).Row.Follow.NextAsk);
        Assert.Null((await FindAsync("test")).Row.Follow.NextAsk);
    }

    [Fact]
    public async Task Import_that_Wix_knows_no_more_is_gone_keeps_what_was_known_and_is_asked_for_no_more()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(Unknown(_then.AddSeconds(30)));

        var row = (await FindAsync("a")).Row;
        Assert.Equal((ImportStatus.Parsed, _then.AddSeconds(30), null, "members.csv"), (row.Status, row.Follow.Gone, row.Follow.NextAsk, row.FileName));
    }

    [Fact]
    public async Task Import_that_Wix_never_showed_may_only_not_be_there_yet()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));
        await _writer.WriteAsync(Unknown(_then.AddSeconds(3)));
        var early = (await FindAsync("a")).Row.Follow;
        await _writer.WriteAsync(Unknown(_then + FollowSchedule.GoneAfter));
        var late = (await FindAsync("a")).Row.Follow;

        Assert.Null(early.Gone);
        Assert.InRange(early.NextAsk!.Value, _then.AddSeconds(4), _then.AddSeconds(6));
        Assert.Equal(_then + FollowSchedule.GoneAfter, late.Gone);
    }

    [Fact]
    public async Task Gone_import_that_the_API_shows_again_is_back_but_no_late_webhook_brings_it_back()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(Unknown(_then.AddSeconds(30)));
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then.AddMinutes(1)));
        Assert.NotNull((await FindAsync("a")).Row.Follow.Gone);

        await _writer.WriteAsync(Answer(_then.AddMinutes(2), Seen("a", "2", "PARSED")));

        Assert.Null((await FindAsync("a")).Row.Follow.Gone);
        Assert.NotNull((await FindAsync("a")).Row.Follow.NextAsk);
    }

    [Fact]
    public async Task Another_site_cannot_make_an_import_gone()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")));
        await _writer.WriteAsync(Unknown(_then.AddSeconds(30)) with { InstanceId = "another site" });

        Assert.Null((await FindAsync("a")).Row.Follow.Gone);
    }

    [Fact]
    public async Task Link_remembers_since_when_it_is_as_it_is_and_counts_faults_in_a_row()
    {
        await _writer.WriteAsync(Answer(_then));
        await _writer.WriteAsync(Answer(_then.AddMinutes(1)) with { Link = SiteLink.Unreachable, Reason = "No answer.", NotBefore = _then.AddMinutes(2) });
        await _writer.WriteAsync(Answer(_then.AddMinutes(2)) with { Link = SiteLink.Unreachable, Reason = "No answer.", NotBefore = _then.AddMinutes(4) });
        var broken = await SiteAsync();
        await _writer.WriteAsync(Answer(_then.AddMinutes(5)));
        var mended = await SiteAsync();

        Assert.Equal((SiteLink.Unreachable, _then.AddMinutes(1), 2, "No answer.", _then.AddMinutes(4), _then), (broken.Link, broken.LinkSince, broken.FaultsInARow, broken.LinkReason, broken.NotBefore, broken.LastAnswer));
        Assert.Equal((SiteLink.Connected, _then.AddMinutes(5), 0, null, null, _then), (mended.Link, mended.LinkSince, mended.FaultsInARow, mended.LinkReason, mended.NotBefore, mended.FollowedSince));
    }

    [Fact]
    public async Task Rest_without_a_question_leaves_what_is_known_of_the_link()
    {
        await _writer.WriteAsync(Answer(_then));
        await _writer.WriteAsync(Answer(_then.AddMinutes(1)) with { Link = SiteLink.Unreachable, Reason = "No answer." });
        await _writer.WriteAsync(Answer(_then.AddMinutes(2)) with { Link = null, NotBefore = _then.AddMinutes(3) });

        var site = await SiteAsync();
        Assert.Equal((SiteLink.Unreachable, _then.AddMinutes(1), 1, "No answer.", _then.AddMinutes(3), _then), (site.Link, site.LinkSince, site.FaultsInARow, site.LinkReason, site.NotBefore, site.LastAnswer));
    }

    [Fact]
    public async Task Refusing_site_is_asked_no_more_until_the_next_start()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));
        await _writer.WriteAsync(Answer(_then.AddSeconds(2)) with { Link = SiteLink.Refused, Reason = "403" });
        await _writer.WriteAsync(new WixWebhook { ImportId = "b", InstanceId = WixWebhook.Site }.ToDelivery(_then.AddMinutes(1)));
        Assert.Null((await SiteAsync()).NextAsk);

        await _writer.WriteAsync(new FollowingStarts(_then.AddHours(1), TimeSpan.FromSeconds(1)));

        Assert.Equal((SiteLink.NotAsked, _then.AddHours(1)), ((await SiteAsync()).Link, (await SiteAsync()).NextAsk));
    }

    [Fact]
    public async Task Site_that_removed_the_app_is_asked_no_more_until_it_is_heard_of_again()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));
        await _writer.WriteAsync(new WixWebhook { EventType = "AppRemoved", InstanceId = WixWebhook.Site }.ToDelivery(_then.AddMinutes(1)));
        await _writer.WriteAsync(new FollowingStarts(_then.AddHours(1), TimeSpan.FromSeconds(1)));
        await _writer.WriteAsync(Raised(_then, "late").ToDelivery(_then.AddHours(1)));
        var removed = await SiteAsync();
        await _writer.WriteAsync(Raised(_then.AddHours(2), "b").ToDelivery(_then.AddHours(2)));
        var back = await SiteAsync();

        Assert.Equal((SiteLink.Removed, _then.AddMinutes(1), null), (removed.Link, removed.LinkSince, removed.NextAsk));
        Assert.Equal((SiteLink.NotAsked, _then.AddHours(2)), (back.Link, back.NextAsk));
    }

    [Fact]
    public async Task Answer_that_was_under_way_when_the_site_removed_the_app_does_not_bring_the_link_back()
    {
        await _writer.WriteAsync(new WixWebhook { ImportId = "a", InstanceId = WixWebhook.Site }.ToDelivery(_then));
        await _writer.WriteAsync(new WixWebhook { EventType = "AppRemoved", InstanceId = WixWebhook.Site }.ToDelivery(_then.AddMinutes(1)));
        await _writer.WriteAsync(Answer(_then.AddMinutes(1).AddSeconds(2), Seen("a", "2", "PARSED")));

        var site = await SiteAsync();
        Assert.Equal((SiteLink.Removed, _then.AddMinutes(1), null), (site.Link, site.LinkSince, site.NextAsk));
        Assert.Equal(ImportStatus.Parsed, (await FindAsync("a")).Row.Status);
    }

    [Fact]
    public async Task Start_makes_sites_due_one_after_another()
    {
        foreach (var site in (string[])["one", "two", "three"])
        {
            await _writer.WriteAsync(Answer(_then) with { InstanceId = site });
        }

        await _writer.WriteAsync(new FollowingStarts(_then.AddHours(1), TimeSpan.FromSeconds(20)));

        await using var database = await _writer.Database.Contexts.CreateDbContextAsync(Stop);
        var due = await database.Sites.OrderBy(s => s.RowId).Select(s => s.NextAsk!.Value).ToListAsync(Stop);
        Assert.Equal([0, 20, 40], due.Select(time => (time - _then.AddHours(1)).TotalSeconds));
    }

    [Fact]
    public async Task Start_forgets_what_a_clock_that_was_years_ahead_had_planned()
    {
        await _writer.WriteAsync(Answer(_then.AddYears(70), Seen("a", "2", "PARSED")) with { Link = SiteLink.Limited, NotBefore = _then.AddYears(70), NextRecovery = _then.AddYears(70) });
        await _writer.WriteAsync(new FollowingStarts(_then, TimeSpan.FromSeconds(1)));

        var site = await SiteAsync();
        Assert.Equal([_then, _then, null, _then], [site.NextAsk, site.NextRecovery, site.NotBefore, (await FindAsync("a")).Row.Follow.NextAsk]);
    }

    [Fact]
    public async Task Start_keeps_what_is_planned_and_the_pause_that_Wix_asked_for()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")) with { Link = SiteLink.Limited, NotBefore = _then.AddHours(1) });
        var planned = (await FindAsync("a")).Row.Follow.NextAsk;
        await _writer.WriteAsync(new FollowingStarts(_then, TimeSpan.FromSeconds(1)));

        Assert.Equal([_then.AddHours(1), planned], [(await SiteAsync()).NotBefore, (await FindAsync("a")).Row.Follow.NextAsk]);
    }

    [Fact]
    public async Task Person_who_asks_for_a_site_makes_all_of_it_due_but_Wix_own_pause_is_kept()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSED")) with { Link = SiteLink.Limited, NotBefore = _then.AddMinutes(30), NextRecovery = _then.AddHours(6), NextNaming = _then.AddHours(6) });
        await _writer.WriteAsync(new SiteIsAskedFor(WixWebhook.Site, _then.AddSeconds(1)));

        var site = await SiteAsync();
        Assert.Equal([_then.AddSeconds(1), _then.AddSeconds(1), _then.AddSeconds(1), _then.AddMinutes(30)], [site.NextAsk, site.NextRecovery, (await FindAsync("a")).Row.Follow.NextAsk, site.NotBefore]);
    }

    [Fact]
    public async Task Stuck_mark_goes_when_the_import_moves_and_is_not_set_on_one_that_has_moved_since_it_was_judged()
    {
        await _writer.WriteAsync(Answer(_then, Seen("a", "2", "PARSING")));
        var judged = (await FindAsync("a")).Observations[0].EntityHash;
        await _writer.WriteAsync(new StuckImports(_then.AddHours(1), [new StuckImport("a", judged, "Long.")]));
        var marked = (await FindAsync("a")).Row.Follow;
        await _writer.WriteAsync(Answer(_then.AddHours(2), Seen("a", "2", "PARSING")));
        var still = (await FindAsync("a")).Row.Follow;
        await _writer.WriteAsync(Answer(_then.AddHours(3), Seen("a", "3", "PARSED")));
        await _writer.WriteAsync(new StuckImports(_then.AddHours(3), [new StuckImport("a", judged, "Long.")]));
        var moved = (await FindAsync("a")).Row.Follow;

        Assert.Equal((_then.AddHours(1), "Long."), (marked.Stuck, marked.StuckReason));
        Assert.Equal(_then.AddHours(1), still.Stuck);
        Assert.Null(moved.Stuck);
    }

    [Fact]
    public async Task Name_that_Wix_gives_is_kept_when_a_later_answer_gives_none()
    {
        await _writer.WriteAsync(Answer(_then) with { SiteName = "Rosa's Café", SiteUrl = "https://rosas.example/" });
        await _writer.WriteAsync(Answer(_then.AddDays(1)));

        var site = await SiteAsync();
        Assert.Equal(("Rosa's Café", "https://rosas.example/", TextFold.Fold("Rosa's Café")), (site.Name, site.Url, site.FoldedName));
    }

    [Fact]
    public async Task Date_of_change_that_is_years_ahead_does_not_keep_an_import_quick_for_ever()
    {
        var ahead = Seen("a", "2", "PARSING");
        ahead = ahead with { Import = ahead.Import with { UpdatedDate = DateTimeOffset.MaxValue } };
        await _writer.WriteAsync(Answer(_then, ahead));
        await _writer.WriteAsync(Answer(_then.AddHours(2), ahead));

        Assert.InRange((await FindAsync("a")).Row.Follow.NextAsk!.Value - _then.AddHours(2), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(11));
    }

    private static WixWebhook Raised(DateTimeOffset at, string importId) =>
        new() { ImportId = importId, InstanceId = WixWebhook.Site, Event = theEvent => theEvent["eventTime"] = $"{at:yyyy-MM-dd'T'HH:mm:ss'Z'}" };

    private static SiteAnswer Answer(DateTimeOffset at, params ImportObservation[] seen) => new()
    {
        InstanceId = WixWebhook.Site,
        At = at,
        Link = SiteLink.Connected,
        Observations = [.. seen.Select(s => s with { ObservedAt = at })],
    };

    private static SiteAnswer Unknown(DateTimeOffset at) => Answer(at) with { Unknown = ["a"] };

    private static ImportObservation Seen(string id, string revision, string status) => new()
    {
        Import = new LoyaltyImport { Id = id, Revision = revision, Status = status, CreatedDate = _then.AddDays(-1), UpdatedDate = _then.AddMinutes(-1), FileMetadata = new FileMetadata { Name = "members.csv" } },
        Source = ObservationSource.Api,
        ObservedAt = _then,
        InstanceId = WixWebhook.Site,
    };

    private async Task<ImportDetail> FindAsync(string id) => (await _writer.Queries.FindAsync(Reader.System, id, Stop))!;

    private async Task<SiteRecord> SiteAsync()
    {
        await using var database = await _writer.Database.Contexts.CreateDbContextAsync(Stop);
        return await database.Sites.AsNoTracking().SingleAsync(s => s.InstanceId == WixWebhook.Site, Stop);
    }
}
