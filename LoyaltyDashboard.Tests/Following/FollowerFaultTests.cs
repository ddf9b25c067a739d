using LoyaltyDashboard.Following;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;

namespace LoyaltyDashboard.Tests.Following;

/// <summary>What Wix's faults do to following: never a wrong state, never a crash, and all is well again when Wix is.</summary>
public sealed class FollowerFaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SandboxFault.TooManyRequests, SiteLink.Limited)]
    [InlineData(SandboxFault.ServerError, SiteLink.Unreachable)]
    [InlineData(SandboxFault.Cut, SiteLink.Unreachable)]
    [InlineData(SandboxFault.Html, SiteLink.NotUnderstood)]
    [InlineData(SandboxFault.HalfJson, SiteLink.NotUnderstood)]
    [InlineData(SandboxFault.NotFound, SiteLink.NotUnderstood)]
    [InlineData(SandboxFault.Unauthorized, SiteLink.NotUnderstood)]
    public async Task Fault_of_the_whole_site_is_shown_backs_off_and_passes(SandboxFault fault, SiteLink link)
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a");
        wix.Faults.Switch(fault);
        await wix.RunAsync(TimeSpan.FromMinutes(30));
        var broken = await wix.SiteAsync();
        var asked = wix.Asked().Count;
        wix.Faults.Clear();
        await wix.RunAsync(TimeSpan.FromMinutes(20));

        Assert.Equal((link, true), (broken.Link, broken.FaultsInARow > 3));
        Assert.InRange((broken.LinkSince!.Value - wix.Time.Start).TotalSeconds, 0, 130);
        Assert.NotNull(broken.LinkReason);
        Assert.InRange(asked, 4, 60);
        Assert.Equal((SiteLink.Connected, ImportStatus.Imported), ((await wix.SiteAsync()).Link, (await wix.FindAsync("a")).Row.Status));
        Assert.Equal(ImportStatus.Initiated, ImportStatusWords.Parse((await wix.FindAsync("a")).Observations[^1].Status));
        Assert.Empty(wix.Warnings);
    }

    [Fact]
    public async Task Site_that_answers_too_slowly_is_not_reachable_until_it_is_quick_again()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a");
        await wix.RunAsync(TimeSpan.FromSeconds(3));
        wix.Faults.Switch(SandboxFault.Slow);
        wix.Time.Advance(TimeSpan.FromSeconds(5));
        var due = await wix.App.Services.GetRequiredService<FollowPlan>().FindSiteAsync(FollowedSandbox.Site, Stop);

        // The client's limits and the stand-in's slowness are on this clock, both.
        var round = wix.App.Services.GetRequiredService<SiteRound>().RunAsync(due!, Stop);
        while (!round.IsCompleted)
        {
            wix.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await round);
        Assert.Equal(SiteLink.Unreachable, (await wix.SiteAsync()).Link);
        wix.Faults.Clear();
        await wix.RunAsync(TimeSpan.FromMinutes(20));
        Assert.Equal((SiteLink.Connected, ImportStatus.Imported), ((await wix.SiteAsync()).Link, (await wix.FindAsync("a")).Row.Status));
    }

    [Fact]
    public async Task Pause_that_Wix_asks_for_is_kept_to_the_second()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromSeconds(3));
        wix.Faults.RetryAfter = TimeSpan.FromMinutes(7);
        wix.Faults.Switch(SandboxFault.TooManyRequests, times: 1);

        await wix.RunAsync(TimeSpan.FromMinutes(20));

        var limited = wix.Log.Entries.Single(e => e.Status == 429);
        var next = wix.Log.Entries.First(e => e.At > limited.At);
        Assert.InRange((next.At - limited.At).TotalSeconds, 420, 422);
    }

    [Fact]
    public async Task Site_that_refuses_us_is_asked_no_more_and_the_others_are()
    {
        using var wix = new FollowedSandbox();
        wix.Faults.Switch(SandboxFault.Forbidden, FollowedSandbox.Site);
        await wix.AnnounceAsync("a");
        await wix.AnnounceAsync("b", "f1a2b3c4-0001-4002-8003-000000000002");
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        var asked = wix.Asked();
        await wix.AnnounceAsync("c");
        await wix.RunAsync(TimeSpan.FromHours(12));

        // Its name is asked for under a permission of its own; then its list.
        Assert.Equal(["token", "name", "query"], asked);
        Assert.Equal(asked, wix.Asked());
        Assert.Equal((SiteLink.Refused, ImportStatus.Initiated), ((await wix.SiteAsync()).Link, (await wix.FindAsync("a")).Row.Status));
        Assert.Equal(ImportStatus.Imported, (await wix.FindAsync("b")).Row.Status);
    }

    [Fact]
    public async Task Site_that_gives_no_token_is_refused()
    {
        using var wix = new FollowedSandbox();
        wix.Faults.Switch(SandboxFault.Unauthorized, on: SandboxRequest.Token);
        await wix.AnnounceAsync("a");

        await wix.RunAsync(TimeSpan.FromHours(2));

        Assert.Equal(["token"], wix.Asked());
        var site = await wix.SiteAsync();
        Assert.Equal(SiteLink.Refused, site.Link);
        Assert.Contains("invalid_client", site.LinkReason!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Site_that_removed_the_app_is_asked_no_more_until_it_is_heard_of_again()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromMinutes(1));
        using (var answer = await wix.App.PostAsync(new WixWebhook { EventType = "AppRemoved", InstanceId = FollowedSandbox.Site }))
        {
            answer.EnsureSuccessStatusCode();
        }

        var asked = wix.Asked().Count;
        await wix.RunAsync(TimeSpan.FromHours(12));
        Assert.Equal((asked, SiteLink.Removed), (wix.Asked().Count, (await wix.SiteAsync()).Link));

        await wix.AnnounceAsync("b");
        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((SiteLink.Connected, ImportStatus.Imported), ((await wix.SiteAsync()).Link, (await wix.FindAsync("b")).Row.Status));
    }

    [Fact]
    public async Task Name_that_Wix_keeps_to_itself_does_not_keep_imports_from_being_followed()
    {
        using var wix = new FollowedSandbox();
        wix.Faults.Switch(SandboxFault.Forbidden, on: SandboxRequest.Instance);
        await wix.AnnounceAsync("a");

        await wix.RunAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((SiteLink.Connected, null, ImportStatus.Imported), ((await wix.SiteAsync()).Link, (await wix.SiteAsync()).Name, (await wix.FindAsync("a")).Row.Status));
    }

    [Theory]
    [InlineData(SandboxFault.Stale)]
    [InlineData(SandboxFault.RevisionBack)]
    [InlineData(SandboxFault.OtherImport)]
    [InlineData(SandboxFault.UnknownStatus)]
    public async Task Wrong_answers_are_kept_or_counted_and_never_become_the_state_in_the_end(SandboxFault fault)
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a");
        wix.Time.Advance(TimeSpan.FromSeconds(1));
        await wix.AnnounceAsync("other", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromSeconds(15));
        wix.Faults.Switch(fault, times: 6);
        await wix.RunAsync(TimeSpan.FromMinutes(30));

        var detail = await wix.FindAsync("a");
        Assert.Equal((ImportStatus.Imported, 500L, ImportStatus.Parsed), (detail.Row.Status, detail.Row.SuccessCount, (await wix.FindAsync("other")).Row.Status));
        Assert.Equal(SiteLink.Connected, (await wix.SiteAsync()).Link);
        Assert.True(fault is SandboxFault.UnknownStatus or SandboxFault.Stale || (await wix.SiteAsync()).OddAnswers > 0);
        Assert.Empty(wix.Warnings);
    }

    [Fact]
    public async Task Stale_answers_leave_what_is_known_and_how_old_it_is()
    {
        using var wix = new FollowedSandbox();
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromSeconds(30));
        var known = (await wix.FindAsync("a")).Row;
        wix.Faults.Switch(SandboxFault.Stale);
        await wix.RunAsync(TimeSpan.FromMinutes(10));

        var still = (await wix.FindAsync("a")).Row;
        Assert.Equal((ImportStatus.Parsed, known.LastSeen), (still.Status, still.LastSeen));
        Assert.True((await wix.SiteAsync()).OddAnswers > 0);
    }
}
