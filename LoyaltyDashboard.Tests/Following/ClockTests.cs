using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Following;

/// <summary>The clock of the machine is set while imports are followed.</summary>
public sealed class ClockTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Import_is_followed_to_its_end_though_the_clock_jumps_an_hour(int hours)
    {
        var time = new FollowedTime();
        using var wix = new FollowedSandbox(time);
        await wix.AnnounceAsync("a");
        await wix.RunAsync(TimeSpan.FromSeconds(6));
        Assert.Equal(ImportStatus.Parsed, (await wix.FindAsync("a")).Row.Status);

        // Only our clock: Wix's own, here the sandbox's, is this test's as well, so the import is finished there when it jumps ahead and young again when it jumps back.
        time.Jump(TimeSpan.FromHours(hours));
        await wix.RunAsync(TimeSpan.FromSeconds(1));
        var planned = (await wix.FindAsync("a")).Row.Follow.NextAsk;

        Assert.True(hours > 0 ? planned is null : planned - time.GetUtcNow() < TimeSpan.FromMinutes(1), $"Asked next at {planned}, and it is {time.GetUtcNow()}");
    }

    [Fact]
    public async Task Site_rests_no_longer_than_it_was_asked_to_when_the_clock_is_set_back()
    {
        var time = new FollowedTime();
        using var wix = new FollowedSandbox(time);
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromSeconds(30));
        var before = await wix.SiteAsync();
        var rest = before.NextAsk - time.GetUtcNow();

        time.Jump(-TimeSpan.FromHours(1));
        Assert.True(await wix.Follower.PassAsync(Stop));

        var after = await wix.SiteAsync();
        Assert.Equal((rest, before.NextNaming - before.NextAsk, before.NextRecovery - before.NextAsk), (after.NextAsk - time.GetUtcNow(), after.NextNaming - after.NextAsk, after.NextRecovery - after.NextAsk));
    }

    [Fact]
    public async Task Small_corrections_of_the_clock_move_no_plan()
    {
        var time = new FollowedTime();
        using var wix = new FollowedSandbox(time);
        await wix.AnnounceAsync("a", waitsForEver: true);
        await wix.RunAsync(TimeSpan.FromSeconds(30));
        var before = await wix.SiteAsync();

        time.Jump(-TimeSpan.FromSeconds(5));
        Assert.True(await wix.Follower.PassAsync(Stop));

        Assert.Equal(before.NextAsk, (await wix.SiteAsync()).NextAsk);
    }
}
