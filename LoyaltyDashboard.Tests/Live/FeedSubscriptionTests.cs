using LoyaltyDashboard.Live;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Live;

public sealed class FeedSubscriptionTests
{
    private readonly WatchedTime _time = new();
    private readonly LogLines<ImportFeed> _log = new();
    private readonly CallsOf<FeedChanges> _calls = new();
    private readonly ImportFeed _feed;

    public FeedSubscriptionTests() => _feed = new ImportFeed(_time, _log);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;


    [Fact]
    public async Task First_signal_is_followed_by_a_call_at_once()
    {
        await using var subscription = _feed.Subscribe(_calls.NoteAsync);

        _feed.Publish(["a", "b"]);

        Assert.Equal(["a", "b"], await NextIdsAsync());
    }

    [Fact]
    public async Task Nothing_changed_is_no_call()
    {
        await using var subscription = _feed.Subscribe(_calls.NoteAsync);

        _feed.Publish([]);
        _feed.Publish(["a"]);

        Assert.Equal(["a"], await NextIdsAsync());
        Assert.False(_calls.HasNext);
    }

    [Fact]
    public async Task Signals_while_it_works_are_one_call_afterwards()
    {
        var work = new TaskCompletionSource();
        await using var subscription = _feed.Subscribe(async changes =>
        {
            await _calls.NoteAsync(changes);
            await work.Task;
        });
        _feed.Publish(["a"]);
        Assert.Equal(["a"], await NextIdsAsync());

        _feed.Publish(["b"]);
        _feed.Publish(["c", "b"]);
        work.SetResult();
        await RestIsOverAsync();

        Assert.Equal(["b", "c"], await NextIdsAsync());
        Assert.False(_calls.HasNext);
    }

    [Fact]
    public async Task Calls_come_at_most_four_times_a_second()
    {
        await using var subscription = _feed.Subscribe(_calls.NoteAsync);
        _feed.Publish(["a"]);
        await NextIdsAsync();
        await _time.SomebodyWaitsAsync(Stop);

        _feed.Publish(["b"]);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(_calls.HasNext);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["b"], await NextIdsAsync());
    }

    [Theory]
    [InlineData(10, 250)]
    [InlineData(500, 2_000)]
    [InlineData(2_000, 3_000)]
    [InlineData(60_000, 2_500)]
    public async Task Rest_is_four_times_as_long_as_the_call_within_its_bounds(int callTook, int rest)
    {
        await using var subscription = _feed.Subscribe(changes =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(callTook));
            return _calls.NoteAsync(changes);
        });
        _feed.Publish(["a"]);
        await NextIdsAsync();
        await _time.SomebodyWaitsAsync(Stop);

        _feed.Publish(["b"]);
        _time.Advance(TimeSpan.FromMilliseconds(rest - 1));
        Assert.False(_calls.HasNext);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["b"], await NextIdsAsync());
    }

    [Fact]
    public async Task No_signal_is_lost_however_many_publish_at_once()
    {
        await using var subscription = _feed.Subscribe(_calls.NoteAsync);
        var publish = Task.Run(() => Parallel.For(0, FeedSubscription.MostIds, i => _feed.Publish([$"{i}"])), Stop);

        HashSet<string> heard = [];
        while (heard.Count < FeedSubscription.MostIds)
        {
            heard.UnionWith((await _calls.NextAsync(Stop)).Ids);
            await RestIsOverAsync();
        }

        await publish;
        Assert.False(_calls.HasNext);
    }

    [Fact]
    public async Task More_than_can_be_named_are_told_as_many_and_the_next_by_name_again()
    {
        await using var subscription = _feed.Subscribe(_calls.NoteAsync);

        _feed.Publish([.. Enumerable.Range(0, FeedSubscription.MostIds + 1).Select(i => $"{i}")]);
        Assert.True((await _calls.NextAsync(Stop)).Many);
        _feed.Publish(["a"]);
        await RestIsOverAsync();

        Assert.Equal(["a"], await NextIdsAsync());
    }

    [Fact]
    public async Task Subscriber_that_throws_stays_subscribed_and_is_logged()
    {
        var isFirst = true;
        await using var subscription = _feed.Subscribe(async changes =>
        {
            await _calls.NoteAsync(changes);
            if (isFirst)
            {
                isFirst = false;
                throw new InvalidOperationException("broken page");
            }
        });
        _feed.Publish(["a"]);
        await NextIdsAsync();
        await RestIsOverAsync();

        _feed.Publish(["b"]);

        Assert.Equal(["b"], await NextIdsAsync());
        Assert.Equal([(LogLevel.Error, "A subscriber of the import feed failed")], _log.All);
    }

    [Fact]
    public async Task Subscriber_whose_own_work_is_cancelled_stays_subscribed()
    {
        await using var subscription = _feed.Subscribe(async changes =>
        {
            await _calls.NoteAsync(changes);
            throw new OperationCanceledException();
        });
        _feed.Publish(["a"]);
        await NextIdsAsync();
        await RestIsOverAsync();

        _feed.Publish(["b"]);

        Assert.Equal(["b"], await NextIdsAsync());
    }

    [Fact]
    public async Task Slow_subscriber_holds_neither_the_publisher_nor_others()
    {
        var never = new TaskCompletionSource();
        var slow = _feed.Subscribe(_ => never.Task);
        await using var quick = _feed.Subscribe(_calls.NoteAsync);

        _feed.Publish(["a"]);

        Assert.Equal(["a"], await NextIdsAsync());
        never.SetResult();
        await slow.DisposeAsync();
    }

    [Fact]
    public async Task Disposed_subscription_is_never_called_again()
    {
        var subscription = _feed.Subscribe(_calls.NoteAsync);
        Assert.Equal(1, _feed.SubscriberCount);

        await subscription.DisposeAsync();
        _feed.Publish(["a"]);

        Assert.Equal(0, _feed.SubscriberCount);
        Assert.False(_calls.HasNext);
    }

    [Fact]
    public async Task Dispose_waits_for_a_call_under_way_and_may_be_repeated()
    {
        var (entered, work) = (new TaskCompletionSource(), new TaskCompletionSource());
        var subscription = _feed.Subscribe(_ =>
        {
            entered.SetResult();
            return work.Task;
        });
        _feed.Publish(["a"]);
        await entered.Task.WaitAsync(Stop);

        var disposals = new[] { subscription.DisposeAsync().AsTask(), subscription.DisposeAsync().AsTask() };
        Assert.All(disposals, disposal => Assert.False(disposal.IsCompleted));
        work.SetResult();

        await Task.WhenAll(disposals);
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_does_not_wait_for_a_rest()
    {
        var subscription = _feed.Subscribe(_calls.NoteAsync);
        _feed.Publish(["a"]);
        await NextIdsAsync();
        await _time.SomebodyWaitsAsync(Stop);

        // The clock stands still.
        await subscription.DisposeAsync();
    }

    [Fact]
    public async Task Delivery_feed_calls_for_deliveries_too()
    {
        var calls = new CallsOf<bool>();
        var feed = new DeliveryFeed(_time, new LogLines<DeliveryFeed>());
        await using var subscription = feed.Subscribe(() => calls.NoteAsync(true));

        feed.Publish();

        Assert.True(await calls.NextAsync(Stop));
    }

    private async Task<IEnumerable<string>> NextIdsAsync() => (await _calls.NextAsync(Stop)).Ids.Order();

    private async Task RestIsOverAsync()
    {
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(FeedSubscription.ShortestInterval);
    }
}
