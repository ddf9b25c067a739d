using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class UtcTimeConverterTests
{
    // Moments of every precision, from whole seconds to single ticks.
    private static readonly Gen<DateTimeOffset> _moment =
        from day in Gen.Choose(0, (int)(DateTimeOffset.MaxValue - DateTimeOffset.MinValue).TotalDays - 1)
        from second in Gen.Choose(0, 86_399)
        from fraction in Gen.Choose(0, 9_999_999)
        from unit in Gen.Elements(1, 10, 100, 1_000, 10_000, 100_000, 10_000_000)
        select DateTimeOffset.MinValue.AddDays(day).AddSeconds(second).AddTicks(fraction / unit * unit);

    [Theory]
    [InlineData("2026-11-24T08:30:00Z", "2026-11-24T08:30:00.000Z")]
    [InlineData("2026-11-24T08:30:00.7Z", "2026-11-24T08:30:00.700Z")]
    [InlineData("2026-11-24T08:30:00.0000001Z", "2026-11-24T08:30:00.0000001Z")]
    [InlineData("2026-11-24T08:30:00.12345Z", "2026-11-24T08:30:00.12345Z")]
    [InlineData("2026-11-24T10:30:00+02:00", "2026-11-24T08:30:00.000Z")]
    public void Moment_has_its_milliseconds_and_further_digits_only_where_there_are_any(string moment, string text) =>
        Assert.Equal(text, UtcTimeConverter.Format(DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Bytes_are_those_of_the_text() => Prop.ForAll(_moment.ToArbitrary(), moment =>
    {
        var bytes = new byte[UtcTimeConverter.LongestText];
        return Encoding.UTF8.GetString(bytes, 0, UtcTimeConverter.Format(moment, bytes)) == UtcTimeConverter.Format(moment);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
}
