using LoyaltyDashboard.Following;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Following;

public sealed class SiteFaultTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(WixApiFault.Refused, SiteLink.Refused)]
    [InlineData(WixApiFault.TooManyRequests, SiteLink.Limited)]
    [InlineData(WixApiFault.Unavailable, SiteLink.Unreachable)]
    [InlineData(WixApiFault.Rejected, SiteLink.NotUnderstood)]
    [InlineData(WixApiFault.NotUnderstood, SiteLink.NotUnderstood)]
    [InlineData(WixApiFault.NotFound, SiteLink.NotUnderstood)]
    public void Each_fault_tells_how_the_link_is_and_why(WixApiFault fault, SiteLink link)
    {
        var answer = SiteFault.ToAnswer(new WixApiException(fault, "Why."), Site(), null, _now);

        Assert.Equal((link, "Why.", link == SiteLink.Refused), (answer.Link, answer.Reason, answer.NotBefore is null));
    }

    [Fact]
    public void Rest_doubles_with_each_fault_up_to_a_quarter_of_an_hour()
    {
        var rests = Enumerable.Range(1, 30).Select(faults => SiteFault.Rest(faults, 0)).ToList();

        Assert.InRange(rests[0].TotalSeconds, 4, 6);
        Assert.InRange(rests[3].TotalSeconds, 32, 48);
        Assert.All(rests.Skip(8), rest => Assert.InRange(rest.TotalMinutes, 12, 18));
        Assert.All(Enumerable.Range(0, 500), seed => Assert.InRange(SiteFault.Rest(1, seed).TotalSeconds, 4, 6));
    }

    [Theory]
    [InlineData(120, 120)]
    [InlineData(7_200, 3_600)]
    public void Wix_own_pause_is_kept_up_to_an_hour(int told, int seconds) => Assert.Equal(
        _now.AddSeconds(seconds), SiteFault.ToAnswer(new WixApiException(WixApiFault.TooManyRequests, "Slow down.") { RetryAfter = TimeSpan.FromSeconds(told) }, Site(), null, _now).NotBefore);

    [Fact]
    public void Pause_shorter_than_our_own_does_not_shorten_it() => Assert.True(
        SiteFault.ToAnswer(new WixApiException(WixApiFault.Unavailable, "Down.") { RetryAfter = TimeSpan.FromSeconds(1) }, Site(faults: 9), null, _now).NotBefore > _now.AddMinutes(11));

    [Fact]
    public void Import_whose_answer_cannot_be_used_stands_back_and_is_counted()
    {
        var answer = SiteFault.ToAnswer(new WixApiException(WixApiFault.NotUnderstood, "Another import's id."), Site(), "a", _now);

        Assert.Equal((1, "Another import's id.", ("a", _now.AddMinutes(5))), (answer.OddAnswers, answer.OddAnswer, Assert.Single(answer.Postponed)));
    }

    [Fact]
    public void Question_that_Wix_takes_for_wrong_is_the_import_s_matter_and_not_the_site_s()
    {
        var answer = SiteFault.ToAnswer(new WixApiException(WixApiFault.Rejected, "Must be a GUID.") { StatusCode = 400 }, Site(), "a", _now);

        Assert.Equal((SiteLink.Connected, null, ("a", _now.AddHours(2))), (answer.Link, answer.NotBefore, Assert.Single(answer.Postponed)));
    }

    [Fact]
    public void Site_that_cannot_be_reached_postpones_no_import() =>
        Assert.Empty(SiteFault.ToAnswer(new WixApiException(WixApiFault.Unavailable, "Down."), Site(), "a", _now).Postponed);

    private static DueSite Site(int faults = 0) => new(3, "site", faults, null, null, null);
}
