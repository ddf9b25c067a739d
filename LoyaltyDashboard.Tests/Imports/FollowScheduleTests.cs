using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class FollowScheduleTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ImportStatus.Initiated, 0, 2)]
    [InlineData(ImportStatus.Parsing, 4, 2)]
    [InlineData(ImportStatus.Importing, 60, 15)]
    [InlineData(ImportStatus.Importing, 40 * 60, 10 * 60)]
    [InlineData(ImportStatus.Importing, 23 * 3600, 10 * 60)]
    [InlineData(ImportStatus.Importing, 24 * 3600, 2 * 3600)]
    [InlineData(ImportStatus.Parsed, 0, 10)]
    [InlineData(ImportStatus.Parsed, 600, 150)]
    [InlineData(ImportStatus.Parsed, 8 * 3600, 2 * 3600)]
    [InlineData(ImportStatus.Parsed, 90 * 24 * 3600, 2 * 3600)]
    [InlineData(ImportStatus.Unknown, 0, 30)]
    [InlineData(ImportStatus.Unknown, 400, 100)]
    public void Interval_is_a_quarter_of_the_age_within_the_limits_of_the_status(ImportStatus status, int ageSeconds, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), FollowSchedule.Interval(status, TimeSpan.FromSeconds(ageSeconds)));

    [Theory]
    [InlineData(ImportStatus.Imported)]
    [InlineData(ImportStatus.Failed)]
    public void Finished_import_is_not_asked_for(ImportStatus status) => Assert.Null(FollowSchedule.NextAsk(status, _now, _now, 1));

    [Fact]
    public void Next_question_is_the_interval_away_give_or_take_a_tenth() => Prop.ForAll(
        (from status in Gen.Elements(ImportStatus.Unknown, ImportStatus.Initiated, ImportStatus.Parsing, ImportStatus.Parsed, ImportStatus.Importing)
         from age in Gen.Choose(0, 10_000_000)
         from seed in ArbMap.Default.GeneratorFor<long>()
         select (status, Age: TimeSpan.FromSeconds(age), seed)).ToArbitrary(),
        asked =>
        {
            var next = FollowSchedule.NextAsk(asked.status, _now - asked.Age, _now, asked.seed)!.Value - _now;
            var interval = FollowSchedule.Interval(asked.status, asked.Age)!.Value;
            return next >= interval * 0.899 && next <= interval * 1.101;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Imports_that_came_together_drift_apart()
    {
        var next = Enumerable.Range(0, 1_000).Select(seed => FollowSchedule.NextAsk(ImportStatus.Parsed, _now.AddDays(-2), _now, seed)!.Value).ToList();

        // 24 minutes of spread, cut into 24: none is empty.
        Assert.Equal(24, next.Select(time => (int)((time - next.Min()) / (next.Max() - next.Min() + TimeSpan.FromTicks(1)) * 24)).Distinct().Count());
    }

    [Fact]
    public void Date_of_Wix_that_is_ahead_of_our_clock_counts_as_now() =>
        Assert.Equal(FollowSchedule.NextAsk(ImportStatus.Parsing, _now, _now, 7), FollowSchedule.NextAsk(ImportStatus.Parsing, _now.AddHours(1), _now, 7));

    // docs/decisions/0004 states these: two of a hundred moved two minutes ago, the others wait since a day.
    [Theory]
    [InlineData(100, 4.8)]
    [InlineData(10_000, 482)]
    [InlineData(1_000_000, 48_167)]
    public void Questions_a_minute_are_what_the_decision_says(int unfinished, double perMinute)
    {
        double Rate(ImportStatus status, TimeSpan age) => 1 / FollowSchedule.Interval(status, age)!.Value.TotalMinutes;

        Assert.Equal(perMinute, (unfinished * 0.02 * Rate(ImportStatus.Importing, TimeSpan.FromMinutes(2))) + (unfinished * 0.98 * Rate(ImportStatus.Parsed, TimeSpan.FromDays(1))), 0.5);
    }
}
