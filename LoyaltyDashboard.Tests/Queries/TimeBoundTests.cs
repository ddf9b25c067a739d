using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Queries;

public sealed class TimeBoundTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("-24h", "2026-11-23T12:00:00Z")]
    [InlineData("-7d", "2026-11-17T12:00:00Z")]
    [InlineData("-90m", "2026-11-24T10:30:00Z")]
    [InlineData("-0h", "2026-11-24T12:00:00Z")]
    [InlineData("2026-11-24", "2026-11-24T00:00:00Z")]
    [InlineData("2026-11-24T08:30", "2026-11-24T08:30:00Z")]
    [InlineData("2026-11-24T08:30Z", "2026-11-24T08:30:00Z")]
    [InlineData("2026-11-24T08:30:15+02:00", "2026-11-24T06:30:15Z")]
    [InlineData("2026-11-24T08:30:15.1234567Z", "2026-11-24T08:30:15.1234567Z")]
    [InlineData("-999999d", "0001-01-01T00:00:00Z")]
    public void Bound_is_resolved_against_now(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), ImportFilterQuery.ReadTime(text)!.Resolve(_now));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("-h")]
    [InlineData("24h")]
    [InlineData("--4h")]
    [InlineData("-4 h")]
    [InlineData("-4w")]
    [InlineData("-99999999d")]
    [InlineData("24/11/2026")]
    [InlineData("2026-11-24 08:30")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    public void Other_text_is_no_bound(string text) => Assert.Null(ImportFilterQuery.ReadTime(text));

    [Fact]
    public void Relative_bound_moves_with_now()
    {
        var bound = ImportFilterQuery.ReadTime("-24h")!;

        Assert.Equal(TimeSpan.FromHours(1), bound.Resolve(_now.AddHours(1)) - bound.Resolve(_now));
    }
}
