using System.Net;
using LoyaltyDashboard.Webhooks;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

public sealed class RejectionLimitTests
{
    private static readonly IPAddress _one = IPAddress.Parse("203.0.113.5");
    private static readonly IPAddress _other = IPAddress.Parse("203.0.113.6");

    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 15, TimeSpan.Zero));

    [Fact]
    public void So_many_a_minute_from_one_address_are_told_why()
    {
        var limit = new RejectionLimit(_time, mostOfOne: 2);

        Assert.Equal([null, null, 45, 45], Count(limit, _one, 4));
        Assert.Equal([null, null, 45], Count(limit, _other, 3));
    }

    [Fact]
    public void Next_minute_begins_anew()
    {
        var limit = new RejectionLimit(_time, mostOfOne: 1);
        Assert.Equal([null, 45], Count(limit, _one, 2));

        _time.Advance(TimeSpan.FromSeconds(44.5));
        Assert.Equal([1], Count(limit, _one, 1));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal([null, 60], Count(limit, _one, 2));
    }

    [Fact]
    public void All_addresses_together_are_limited_too()
    {
        var limit = new RejectionLimit(_time, mostOfAll: 3);

        Assert.Equal([null, null, null, 45, 45], Enumerable.Range(0, 5).Select(i => limit.Count(IPAddress.Parse($"203.0.113.{i}"))));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("203.0.113.5", "::ffff:203.0.113.5", true)]
    [InlineData("203.0.113.5", "203.0.113.6", false)]
    [InlineData("::ffff:203.0.113.5", "::ffff:203.0.113.6", false)]
    public void Line_of_IPv6_counts_as_one(string one, string other, bool same) =>
        Assert.Equal(same, AddressGroup.Of(IPAddress.Parse(one)) == AddressGroup.Of(IPAddress.Parse(other)));

    [Fact]
    public void Who_has_no_address_is_limited_as_well() => Assert.Equal([null, 45], Count(new RejectionLimit(_time, mostOfOne: 1), null, 2));

    private static IEnumerable<int?> Count(RejectionLimit limit, IPAddress? from, int times) => [.. Enumerable.Range(0, times).Select(_ => limit.Count(from))];
}
