using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Queries;

public sealed class SharedAnswerTests
{
    private readonly WatchedTime _time = new();
    private readonly SharedAnswer<int> _shared;
    private TimeSpan _cost;
    private long _version;
    private int _asked;

    public SharedAnswerTests() => _shared = new(_ => Task.FromResult(_version), _ =>
    {
        _time.Advance(_cost);
        return Task.FromResult(++_asked);
    }, _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_nothing_was_added_one_answer_serves_all_for_a_moment()
    {
        Assert.Equal(1, await _shared.GetAsync(Stop));
        _time.Advance(SharedAnswer<int>.Lifetime);
        Assert.Equal(1, await _shared.GetAsync(Stop));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, await _shared.GetAsync(Stop));
    }

    [Fact]
    public async Task What_was_added_before_the_question_is_in_the_answer_however_young_the_last_one_is()
    {
        Assert.Equal(1, await _shared.GetAsync(Stop));
        _version++;
        Assert.Equal(2, await _shared.GetAsync(Stop));
    }

    [Fact]
    public async Task Added_while_it_is_asked_makes_the_answer_good_for_those_before_and_for_nobody_after()
    {
        SharedAnswer<long> shared = null!;
        shared = new(_ => Task.FromResult(_version), _ => Task.FromResult(_version++), _time);

        Assert.Equal(0, await shared.GetAsync(Stop));
        Assert.Equal(1, await shared.GetAsync(Stop));
    }

    [Fact]
    public async Task Dear_answer_is_asked_for_again_only_after_a_rest_and_once_for_all_who_wait()
    {
        _cost = TimeSpan.FromMilliseconds(10);
        await _shared.GetAsync(Stop);
        _version++;
        var waiting = Enumerable.Range(0, 20).Select(_ => _shared.GetAsync(Stop)).ToList();
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(TimeSpan.FromMilliseconds(89));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.All(await Task.WhenAll(waiting), answer => Assert.Equal(2, answer));
    }

    [Fact]
    public async Task Rest_ends_soon_however_dear_the_answer_was()
    {
        _cost = TimeSpan.FromSeconds(5);
        await _shared.GetAsync(Stop);
        _version++;
        var waiting = _shared.GetAsync(Stop);
        await _time.SomebodyWaitsAsync(Stop);

        _time.Advance(SharedAnswer<int>.LongestRest);

        Assert.Equal(2, await waiting);
    }

    [Fact]
    public async Task One_who_gives_up_holds_nobody()
    {
        _cost = TimeSpan.FromMilliseconds(10);
        await _shared.GetAsync(Stop);
        _version++;
        using var givesUp = new CancellationTokenSource();
        var first = _shared.GetAsync(givesUp.Token);
        await _time.SomebodyWaitsAsync(Stop);
        var second = _shared.GetAsync(Stop);

        await givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(TimeSpan.FromMilliseconds(90));

        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task Fault_is_told_to_the_one_who_asked_and_the_next_one_asks_anew()
    {
        var isBroken = true;
        var shared = new SharedAnswer<int>(_ => Task.FromResult(0L), _ => isBroken ? throw new IOException("gone") : Task.FromResult(7), _time);

        await Assert.ThrowsAsync<IOException>(() => shared.GetAsync(Stop));
        isBroken = false;
        Assert.Equal(7, await shared.GetAsync(Stop));
    }
}
