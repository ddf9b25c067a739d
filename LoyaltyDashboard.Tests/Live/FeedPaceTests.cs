using LoyaltyDashboard.Live;

namespace LoyaltyDashboard.Tests.Live;

public sealed class FeedPaceTests
{
    private readonly FeedPace _pace = new();

    [Fact]
    public void One_watcher_rests_four_times_as_long_as_its_call()
    {
        var share = 0L;

        Assert.Equal(TimeSpan.FromMilliseconds(80), _pace.RestAfter(ref share, TimeSpan.FromMilliseconds(20)));
    }

    [Fact]
    public void Many_watchers_rest_until_all_of_them_together_take_a_fifth_of_the_machine()
    {
        var shares = new long[10 * Environment.ProcessorCount];

        Assert.Equal(TimeSpan.FromMilliseconds(4 * 10 * 20), CallAll(shares, TimeSpan.FromMilliseconds(20)));
        // Quicker calls count at once.
        Assert.Equal(TimeSpan.FromMilliseconds(4 * 10 * 5), CallAll(shares, TimeSpan.FromMilliseconds(5)));
    }

    [Fact]
    public void One_that_waits_long_hardly_slows_the_others()
    {
        var (slow, quick) = (0L, 0L);
        Assert.Equal(TimeSpan.FromSeconds(240), _pace.RestAfter(ref slow, TimeSpan.FromSeconds(60)));

        Assert.InRange(_pace.RestAfter(ref quick, TimeSpan.FromMilliseconds(1)), TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(4 * 251));
    }

    [Fact]
    public void Those_who_left_are_counted_no_more()
    {
        var (shares, last) = (new long[10 * Environment.ProcessorCount], 0L);
        CallAll(shares, TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < shares.Length; i++)
        {
            _pace.Leave(ref shares[i]);
            _pace.Leave(ref shares[i]);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(8), _pace.RestAfter(ref last, TimeSpan.FromMilliseconds(2)));
    }

    private TimeSpan CallAll(long[] shares, TimeSpan took)
    {
        var rest = TimeSpan.Zero;
        for (var i = 0; i < shares.Length; i++)
        {
            rest = _pace.RestAfter(ref shares[i], took);
        }

        return rest;
    }
}
