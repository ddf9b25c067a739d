using LoyaltyDashboard.Commands;

namespace LoyaltyDashboard.Tests.Commands;

public sealed class SendSummaryTests
{
    [Theory]
    [InlineData(50, 50)]
    [InlineData(95, 95)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(0, 1)]
    public void Percentile_is_the_nearest_rank(int percent, double expected) =>
        Assert.Equal(expected, SendSummary.Percentile([.. Enumerable.Range(1, 100).Select(i => (double)i)], percent));

    [Fact]
    public void Percentile_of_none_is_nought_and_of_one_is_the_one()
    {
        Assert.Equal(0, SendSummary.Percentile([], 50));
        Assert.Equal(7, SendSummary.Percentile([7], 99));
    }

    [Fact]
    public void Summary_counts_by_answer_with_200_first()
    {
        var summary = new SendSummary { Elapsed = TimeSpan.FromSeconds(2) };
        foreach (var status in (string[])["503", "200", "no answer", "200", "401"])
        {
            summary.Note(status, TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(
            "Sent 5 in 2.0 s (2 a second)\n200: 2, 401: 1, 503: 1, no answer: 1\np50 10.0 ms, p95 10.0 ms, p99 10.0 ms\n401: the receiver knows another key. The public half of --key belongs into its Wix:PublicKeys.", summary.Describe().ReplaceLineEndings("\n"));
    }
}
