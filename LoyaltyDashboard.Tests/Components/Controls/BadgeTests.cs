using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class BadgeTests : ComponentTests
{
    public static TheoryData<ImportStatus> Statuses => new(Enum.GetValues<ImportStatus>());

    public static TheoryData<DeliveryOutcome> Outcomes => new(Enum.GetValues<DeliveryOutcome>());

    public static TheoryData<SiteLink> Links => new(Enum.GetValues<SiteLink>());

    [Theory]
    [MemberData(nameof(Statuses))]
    public void StatusBadge_EveryStatus_HasIconWordAndTone(ImportStatus status) => AssertIconWordAndTone(Status(status), status.ToString());

    [Fact]
    public void StatusBadge_EveryStatus_HasAnIconOfItsOwn() => Assert.Distinct(Enum.GetValues<ImportStatus>().Select(status => Status(status).Find("svg").InnerHtml));

    [Theory]
    [InlineData(ImportStatus.Unknown, "tone-waiting")]
    [InlineData(ImportStatus.Initiated, "tone-waiting")]
    [InlineData(ImportStatus.Parsing, "tone-moving")]
    [InlineData(ImportStatus.Parsed, "tone-ready")]
    [InlineData(ImportStatus.Importing, "tone-moving")]
    [InlineData(ImportStatus.Imported, "tone-done")]
    [InlineData(ImportStatus.Failed, "tone-failed")]
    public void StatusBadge_EveryStatus_HasTheToneOfItsStage(ImportStatus status, string tone) => Assert.Contains(tone, Status(status).Find(".status").ClassList);

    [Fact]
    public void StatusBadge_ImportedWithFailures_LooksAndSaysSo()
    {
        var badge = Status(ImportStatus.Imported, failures: 1).Find(".status");

        Assert.Contains("tone-partial", badge.ClassList);
        Assert.Equal("Imported, but not every row", badge.GetAttribute("title"));
        Assert.NotEqual(Status(ImportStatus.Imported).Find("svg").InnerHtml, badge.QuerySelector("svg")!.InnerHtml);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(null)]
    [InlineData(-1L)]
    public void StatusBadge_ImportedWithoutFailures_IsDone(long? failures) => Assert.Contains("tone-done", Status(ImportStatus.Imported, failures: failures).Find(".status").ClassList);

    [Fact]
    public void StatusBadge_FailuresOfAnUnfinishedImport_DoNotMakeItDone() => Assert.Contains("tone-moving", Status(ImportStatus.Importing, failures: 3).Find(".status").ClassList);

    [Theory]
    [InlineData("ARCHIVED", "ARCHIVED")]
    [InlineData(Sample.Hostile, Sample.HostileAsShown)]
    [InlineData("", "Unknown")]
    [InlineData(null, "Unknown")]
    public void StatusBadge_WordOutsideTheSeven_IsShownAsSent(string? word, string shown) => Assert.Equal(shown, Status(ImportStatus.Unknown, word).Find(".status").TextContent);

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void OutcomeBadge_EveryOutcome_HasIconWordAndTone(DeliveryOutcome outcome) => AssertIconWordAndTone(Outcome(outcome), OutcomeBadge.Word(outcome));

    [Fact]
    public void OutcomeBadge_EveryOutcome_HasAnIconAndAWordOfItsOwn()
    {
        var badges = Enum.GetValues<DeliveryOutcome>().Select(outcome => Outcome(outcome).Find(".status")).ToList();

        Assert.Distinct(badges.Select(b => b.TextContent));
        Assert.Distinct(badges.Select(b => b.QuerySelector("svg")!.InnerHtml));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public void LinkBadge_EveryLink_HasIconWordAndTone(SiteLink link) => AssertIconWordAndTone(Link(link), LinkBadge.Word(link));

    [Fact]
    public void LinkBadge_EveryLink_HasAnIconAndAWordOfItsOwn()
    {
        var badges = Enum.GetValues<SiteLink>().Select(link => Link(link).Find(".status")).ToList();

        Assert.Distinct(badges.Select(b => b.TextContent));
        Assert.Distinct(badges.Select(b => b.QuerySelector("svg")!.InnerHtml));
    }

    private static void AssertIconWordAndTone<T>(IRenderedComponent<T> badge, string word) where T : Microsoft.AspNetCore.Components.IComponent
    {
        var status = badge.Find(".status");
        Assert.Equal(word, status.TextContent);
        Assert.NotEmpty(status.QuerySelector("svg[aria-hidden=true]")!.InnerHtml.Trim());
        Assert.Contains(status.ClassList, css => css.StartsWith("tone-", StringComparison.Ordinal) && css.Length > 5);
    }

    private IRenderedComponent<StatusBadge> Status(ImportStatus status, string? word = null, long? failures = null) =>
        Render<StatusBadge>(p => p.Add(c => c.Status, status).Add(c => c.Word, word).Add(c => c.Failures, failures));

    private IRenderedComponent<OutcomeBadge> Outcome(DeliveryOutcome outcome) => Render<OutcomeBadge>(p => p.Add(c => c.Outcome, outcome));

    private IRenderedComponent<LinkBadge> Link(SiteLink link) => Render<LinkBadge>(p => p.Add(c => c.Link, link));
}
