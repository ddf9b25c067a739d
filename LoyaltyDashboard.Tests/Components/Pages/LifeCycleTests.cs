using LoyaltyDashboard.Components.Pages;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Components.Pages;

public sealed class LifeCycleTests
{
    private static readonly ObservationRecord[] _sightings =
    [
        Sample.Observation("1", "INITIATED", 0), Sample.Observation("2", "PARSING", 4), Sample.Observation("3", "PARSED", 9), Sample.Observation("3", "PARSED", 30),
    ];

    [Fact]
    public void Steps_SameSightingsInAnyOrder_AreTheSame()
    {
        var expected = LifeCycle.Steps(ImportStatus.Parsed, _sightings);

        Assert.All(Permutations(_sightings), order => Assert.Equal(expected, LifeCycle.Steps(ImportStatus.Parsed, order)));
        Assert.Equal([null, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5), null, null], expected.Select(step => step.Took));
    }

    [Fact]
    public void Steps_OnlyFirstAndLastSeen_TellTheSpanBetweenThem()
    {
        var steps = LifeCycle.Steps(ImportStatus.Imported, [Sample.Observation("1", "INITIATED", 0), Sample.Observation("5", "IMPORTED", 60)]);

        Assert.All(steps, step => Assert.True(step.Reached));
        Assert.Equal([true, false, false, false, true], steps.Select(step => step.Seen is not null));
        Assert.Equal(TimeSpan.FromHours(1), steps[^1].Took);
    }

    [Fact]
    public void Steps_FailedAfterParsingOnly_FailedWhileParsing() => Assert.Equal(
        [ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Failed],
        LifeCycle.Steps(ImportStatus.Failed, [Sample.Observation("2", "PARSING", 1), Sample.Observation("3", "FAILED", 2)]).Select(step => step.Status));

    [Theory]
    [InlineData("PARSED")]
    [InlineData("IMPORTING")]
    public void Steps_FailedAfterParsed_FailedWhileImporting(string seen)
    {
        var steps = LifeCycle.Steps(ImportStatus.Failed, [Sample.Observation("2", seen, 1), Sample.Observation("3", "FAILED", 2)]);

        Assert.Equal([ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Parsed, ImportStatus.Importing, ImportStatus.Failed], steps.Select(step => step.Status));
        Assert.True(steps[^1] is { IsNow: true, Reached: true, Took.TotalMinutes: 1 });
    }

    [Fact]
    public void Steps_NoSightings_ReachTheStatusUnseen()
    {
        var steps = LifeCycle.Steps(ImportStatus.Parsed, []);

        Assert.Equal([true, true, true, false, false], steps.Select(step => step.Reached));
        Assert.All(steps, step => Assert.Null(step.Seen ?? (object?)step.Took));
    }

    [Fact]
    public void Steps_SeenFurtherThanTheStatus_StopAtTheStatus()
    {
        var steps = LifeCycle.Steps(ImportStatus.Parsing, [Sample.Observation("9", "PARSING", 5), Sample.Observation("1", "IMPORTED", 1)]);

        Assert.Equal([true, true, false, false, false], steps.Select(step => step.Reached));
        Assert.Null(steps[^1].Seen);
    }

    [Fact]
    public void Steps_ClockOfALaterStepIsEarlier_TakeNoNegativeTime() =>
        Assert.Null(LifeCycle.Steps(ImportStatus.Parsing, [Sample.Observation("1", "INITIATED", 5), Sample.Observation("2", "PARSING", 1)])[1].Took);

    [Theory]
    [InlineData("ARCHIVED")]
    [InlineData(null)]
    public void Steps_UnknownStatus_ReachNothing(string? word) => Assert.All(LifeCycle.Steps(ImportStatus.Unknown, [Sample.Observation("1", word, 0)]), step => Assert.False(step.Reached || step.IsNow));

    private static IEnumerable<ObservationRecord[]> Permutations(ObservationRecord[] items) =>
        items.Length <= 1 ? [items] : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (ObservationRecord[])[item, .. rest]));
}
