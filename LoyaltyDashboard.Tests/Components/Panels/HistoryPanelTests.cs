using Bunit;
using LoyaltyDashboard.Components.Panels;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Panels;

public sealed class HistoryPanelTests : ComponentTests
{
    [Fact]
    public void History_InOrder_SaysWhatEachSightingChanged() => Assert.Equal(
        ["Webhook status Parsed → Imported · revision 2 → 3", "Webhook status Parsed · revision 2"],
        Lines(Sample.Observation("3", "IMPORTED", 20), Sample.Observation("2", "PARSED", 10)));

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

    private List<string> Lines(params ObservationRecord[] newestFirst) =>
        [.. Render<HistoryPanel>(p => p.Add(c => c.Detail, Sample.Detail() with { Observations = newestFirst })).FindAll("li").Select(Text)];
}
