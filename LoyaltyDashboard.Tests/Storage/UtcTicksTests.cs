using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class UtcTicksTests
{
    private static readonly Gen<DateTimeOffset> _time = Gen.OneOf(
        ArbMap.Default.GeneratorFor<DateTimeOffset>(),
        Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch, new DateTimeOffset(2026, 11, 24, 8, 30, 0, TimeSpan.FromHours(14)).AddTicks(1)));

    [Fact]
    public void Time_comes_back_with_every_digit_in_UTC() => Prop.ForAll(_time.ToArbitrary(), time =>
    {
        var back = UtcTicks.To(UtcTicks.From(time));
        return back == time && back.Offset == TimeSpan.Zero;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_sort_as_times_do() => Prop.ForAll(_time.Two().ToArbitrary(), times =>
        times.Item1.CompareTo(times.Item2) == UtcTicks.From(times.Item1).CompareTo(UtcTicks.From(times.Item2))).QuickCheckThrowOnFailure();

    [Fact]
    public void Epoch_is_nought() => Assert.Equal(0, UtcTicks.From(DateTimeOffset.UnixEpoch));
}
