using System.IO.Pipelines;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>A door's time, on a clock of its own, before a queue that only the test takes from. A wait that does not end in its time ends never.</summary>
public sealed class DoorkeeperTests
{
    private const int Longest = 60_000;

    private readonly WatchedTime _time = new();
    private readonly IngestQueue _queue;
    private readonly Pipe _client = new();
    private readonly DefaultHttpContext _context = new();
    private readonly Doorkeeper _keeper;
    private int _checked;

    public DoorkeeperTests()
    {
        _queue = new(_time);
        _keeper = new(new BoundedBody(_time), _queue, new RejectionLog(_queue, _time, NullLogger<RejectionLog>.Instance), new RejectionLimit(_time), _time);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = Longest)]
    public async Task Time_that_the_body_and_its_check_take_is_part_of_the_longest_wait()
    {
        var answer = HandleAsync(check: () => _time.Advance(Doorkeeper.LongestWait * 0.3));
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(Doorkeeper.LongestWait * 0.3);
        await SendBodyAsync();
        await _time.SomebodyWaitsAsync(Stop);

        _time.Advance((Doorkeeper.LongestWait * 0.4) - TimeSpan.FromTicks(1));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, await answer.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Longest)]
    public async Task Event_over_a_line_slower_than_the_longest_wait_is_stored_where_that_takes_no_time()
    {
        var answer = HandleAsync();
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(Doorkeeper.LongestWait * 2);
        await SendBodyAsync();
        await _time.SomebodyWaitsAsync(Stop);

        (await _queue.Reader.ReadAsync(Stop)).Done.SetResult(new(IngestStatus.Committed, DeliveryOutcome.Stored, 1));

        Assert.Equal(StatusCodes.Status200OK, await answer.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Longest)]
    public async Task Event_over_a_slow_line_waits_only_a_moment_more_where_it_does()
    {
        var answer = HandleAsync();
        await _time.SomebodyWaitsAsync(Stop);
        _time.Advance(Doorkeeper.LongestWait * 2);
        await SendBodyAsync();
        await _time.SomebodyWaitsAsync(Stop);

        _time.Advance(Doorkeeper.LeastWait);

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, await answer.WaitAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Longest)]
    public async Task Event_that_the_writer_cannot_reach_in_time_is_refused_before_its_check_and_not_queued()
    {
        var queued = await FallBehindAsync();
        await SendBodyAsync();

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, await HandleAsync().WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal($"{Doorkeeper.RetryAfterSeconds}", _context.Response.Headers.RetryAfter);
        Assert.Equal((0, queued), (_checked, _queue.Reader.Count));
    }

    [Fact(Timeout = Longest)]
    public async Task Code_of_a_site_is_refused_where_there_is_still_time_for_Wix()
    {
        await FallBehindAsync(0.55);
        await SendBodyAsync();

        Assert.Equal(StatusCodes.Status503ServiceUnavailable, await HandleAsync(door: DeliveryDoor.Sdk).WaitAsync(TestContext.Current.CancellationToken));

        Assert.Equal(0, _checked);
    }

    [Fact(Timeout = Longest)]
    public async Task Wix_is_let_in_where_there_is_time_for_it_alone()
    {
        var queued = await FallBehindAsync(0.55);
        await SendBodyAsync();

        _ = HandleAsync(door: DeliveryDoor.Wix);

        await _time.SomebodyWaitsAsync(TestContext.Current.CancellationToken);
        Assert.Equal((1, queued + 1), (_checked, _queue.Reader.Count));
    }

    // Work of more than a second, measured: the writer needed ten milliseconds for each of the last; or of a part of that.
    private async Task<int> FallBehindAsync(double part = 1)
    {
        for (var turn = 0; turn < 5; turn++)
        {
            await TakeTurnAsync(100, TimeSpan.FromSeconds(part));
        }

        var delivery = new WixWebhook().ToDelivery(default);
        for (var i = 0; i < 130; i++)
        {
            _ = _queue.EnqueueAsync(delivery, Stop);
        }

        return _queue.Reader.Count;
    }

    private async Task TakeTurnAsync(int items, TimeSpan took)
    {
        for (var i = 0; i < items; i++)
        {
            _ = _queue.EnqueueAsync(new WixWebhook().ToDelivery(default), Stop);
            _queue.Taken(await _queue.Reader.ReadAsync(Stop));
        }

        _queue.NoteTurn(items, took);
    }

    private async Task SendBodyAsync()
    {
        await _client.Writer.WriteAsync(new byte[10], Stop);
        await _client.Writer.CompleteAsync();
    }

    private async Task<int> HandleAsync(Action? check = null, DeliveryDoor door = DeliveryDoor.Wix)
    {
        _context.Request.Body = _client.Reader.AsStream();
        var result = await _keeper.HandleAsync(_context, door, (_, receivedAt) =>
        {
            _checked++;
            check?.Invoke();
            return ValueTask.FromResult(Admission.Of(new WixWebhook().ToDelivery(receivedAt)));
        });
        return ((IStatusCodeHttpResult)result).StatusCode ?? StatusCodes.Status200OK;
    }
}
