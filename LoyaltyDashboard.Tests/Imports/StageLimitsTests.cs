using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class StageLimitsTests
{
    [Theory]
    [InlineData(ImportStatus.Initiated)]
    [InlineData(ImportStatus.Parsed)]
    [InlineData(ImportStatus.Imported)]
    [InlineData(ImportStatus.Failed)]
    public void Only_what_Wix_works_on_can_be_stuck(ImportStatus stage) => Assert.Null(new StageLimits([]).Of(stage, 1));

    [Theory]
    [InlineData(ImportStatus.Parsing, 0L, 120)]
    [InlineData(ImportStatus.Parsing, 10_000_000L, 720)]
    [InlineData(ImportStatus.Importing, 0L, 300)]
    [InlineData(ImportStatus.Importing, 2_000_000L, 2_100)]
    [InlineData(ImportStatus.Importing, null, 1_200)]
    [InlineData(ImportStatus.Importing, -5L, 300)]
    public void Until_there_is_enough_to_learn_from_the_limit_is_fixed_and_grows_with_the_file(ImportStatus stage, long? size, int seconds)
    {
        var (limit, reason) = new StageLimits(Took(StageLimits.FewestToLearnFrom - 1, 50_000)).Of(stage, size)!.Value;

        Assert.Equal(TimeSpan.FromSeconds(seconds), limit);
        Assert.Contains("until 20 imports", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Twice_what_nineteen_of_twenty_needed_is_the_learned_limit()
    {
        var limits = new StageLimits(Took(100, 50_000));

        // 1 to 100 minutes: the 95th needs 95.
        Assert.Equal(
            (TimeSpan.FromMinutes(190), "Longer in Importing than usual: of 100 imports of such a size here, 95 % were through within 95 min."),
            limits.Of(ImportStatus.Importing, 99_999));
        Assert.Contains("until 20", limits.Of(ImportStatus.Importing, 100_000)!.Value.Reason, StringComparison.Ordinal);
        Assert.Contains("until 20", limits.Of(ImportStatus.Parsing, 99_999)!.Value.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void However_quick_imports_are_a_minute_is_never_too_long() =>
        Assert.Equal(TimeSpan.FromMinutes(1), new StageLimits(Enumerable.Repeat(new StageDuration(ImportStatus.Parsing, 1, TimeSpan.FromSeconds(1)), 20)).Of(ImportStatus.Parsing, 2)!.Value.Limit);

    private static IEnumerable<StageDuration> Took(int count, long size) => Enumerable.Range(1, count).Select(minutes => new StageDuration(ImportStatus.Importing, size, TimeSpan.FromMinutes(minutes)));
}
