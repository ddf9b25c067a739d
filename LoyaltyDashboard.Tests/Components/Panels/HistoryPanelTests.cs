using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class HistoryPanelTests : ComponentTests
{
    [Fact]
    public void History_InOrder_SaysWhatEachSightingChanged() => Assert.Equal(
        ["Webhook status Parsed → Imported · revision 2 → 3", "Webhook status Parsed · revision 2"],
        Lines(Sample.Observation("3", "IMPORTED", 20), Sample.Observation("2", "PARSED", 10)));

    [Fact]
    public void History_VeryLong_ShowsTheNewestHundredAndSaysHowManyMore()
    {
        var panel = Render<HistoryPanel>(p => p.Add(c => c.Detail, Sample.Detail(Sample.Import, null) with
        {
            Observations = [.. Enumerable.Range(0, 1_234).Select(i => Sample.Observation($"{2_000 - i}", "IMPORTING", 0, (byte)i))],
        }));

        Assert.Equal(100, panel.FindAll(".history li").Count);
        Assert.Contains("1,134 older ones are not shown", Text(panel), StringComparison.Ordinal);
    }

    [Fact]
    public void History_GoneImport_BeginsWithThat()
    {
        var detail = Sample.Detail(Sample.Import, null);

        var panel = Render<HistoryPanel>(p => p.Add(c => c.Detail, detail with { Row = detail.Row with { Follow = FollowView.None with { Gone = Sample.Time } } }));

        Assert.Contains("Wix does not know it any more", Text(panel.Find(".history li")), StringComparison.Ordinal);
    }

    [Fact]
    public void History_OlderRevisionAfterNewer_IsMarkedLate()
    {
        var lines = Lines(Sample.Observation("1", "PARSING", 0), Sample.Observation("2", "PARSED", 10));

        Assert.Equal("Webhook Came late, changed nothing: status Parsing · revision 1", lines[0]);
        Assert.DoesNotContain("late", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void History_OlderSequenceOfTheSameRevision_IsMarkedLate()
    {
        var newer = Sample.Observation("2", "PARSED", 10);
        var older = Sample.Observation("2", "PARSING", 10);
        (newer.EntityEventSequence, older.EntityEventSequence) = ("10", "9");

        Assert.StartsWith("Webhook Came late", Lines(older, newer)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void History_OlderChangeWithoutRevisions_IsMarkedLate() =>
        Assert.StartsWith("Webhook Came late", Lines(Sample.Observation(null, "PARSING", 0), Sample.Observation(null, "PARSED", 10))[0], StringComparison.Ordinal);

    [Fact]
    public void History_LateOneBetween_IsNotWhatTheNextIsComparedWith()
    {
        var lines = Lines(Sample.Observation("3", "IMPORTED", 20), Sample.Observation("1", "INITIATED", 0), Sample.Observation("2", "PARSED", 10));

        Assert.Equal("Webhook status Parsed → Imported · revision 2 → 3", lines[0]);
    }

    [Fact]
    public void History_SameSightingAgain_SaysThatNothingChanged()
    {
        var again = Sample.Observation("2", "PARSED", 10);
        again.Source = ObservationSource.Api;

        Assert.Equal("Wix API Nothing changed", Lines(again, Sample.Observation("2", "PARSED", 10))[0]);
    }

    [Fact]
    public void History_OnlyOtherFieldsDiffer_SaysSo() =>
        Assert.Equal("Webhook Other details changed", Lines(Sample.Observation("2", "PARSED", 10, hash: 2), Sample.Observation("2", "PARSED", 10, hash: 1))[0]);

    [Fact]
    public void History_FirstSightingSaysNothing_IsFirstSeen() => Assert.Equal("Webhook First seen", Assert.Single(Lines(Sample.Observation(null, null, 0))));

    [Fact]
    public void History_LateSightingSaysNothing_IsOnlyLate() =>
        Assert.Equal("Webhook Came late, changed nothing", Lines(Sample.Observation(null, null, 0), Sample.Observation("1", "PARSED", 10))[0]);

    [Fact]
    public void History_ApiShowedItAgain_SaysUntilWhen()
    {
        var seen = Api("2", "PARSED", 10);
        seen.LastObservedAt = seen.ObservedAt.AddHours(3);

        var panel = Panel(seen, Sample.Observation("1", "INITIATED", 0));

        Assert.Equal("Wix API status Initiated → Parsed · revision 1 → 2 seen so until", Text(panel.FindAll("li")[0]));
        Assert.Equal([Format.At(seen.LastObservedAt)], panel.FindAll(".until ago-time").Select(time => time.GetAttribute("at")));
    }

    [Fact]
    public void History_ApiShowedItOnce_SaysNothingOfUntilWhen()
    {
        var seen = Api("2", "PARSED", 10);
        seen.LastObservedAt = seen.ObservedAt;

        Assert.Empty(Panel(seen).FindAll(".until"));
    }

    [Fact]
    public void History_ApiShowsAnOlderRevision_IsFlagged()
    {
        var panel = Panel(Api("1", "PARSING", 20), Sample.Observation("2", "PARSED", 10));

        Assert.Equal("Wix API older than already known status Parsing · revision 1", Text(panel.FindAll("li")[0]));
        Assert.Equal(["older than already known"], panel.FindAll(".tag").Select(Text));
    }

    [Fact]
    public void History_ApiShowsWhatAWebhookWithASequenceTold_ChangesNothingAndIsNotFlagged()
    {
        var (webhook, api) = (Sample.Observation("2", "PARSED", 10), Api("2", "PARSED", 10));
        webhook.EntityEventSequence = "7";

        var panel = Panel(api, webhook);

        Assert.Equal("Wix API Nothing changed", Text(panel.FindAll("li")[0]));
        Assert.Empty(panel.FindAll(".tag"));
    }

    private static ObservationRecord Api(string revision, string status, int minute)
    {
        var seen = Sample.Observation(revision, status, minute);
        seen.Source = ObservationSource.Api;
        return seen;
    }

    private IRenderedComponent<HistoryPanel> Panel(params ObservationRecord[] newestFirst) => Render<HistoryPanel>(p => p.Add(c => c.Detail, Sample.Detail() with { Observations = newestFirst }));

    private List<string> Lines(params ObservationRecord[] newestFirst) =>
        [.. Panel(newestFirst).FindAll("li").Select(Text)];
}
