using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class IngestQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IngestQueue _queue;

    public IngestQueueTests() => _queue = new(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Full_queue_refuses_at_once_and_keeps_what_it_has()
    {
        var delivery = new WixWebhook().ToDelivery(default);
        var accepted = Enumerable.Range(0, IngestQueue.Capacity).Select(_ => _queue.EnqueueAsync(delivery, Stop)).ToList();

        var refused = _queue.EnqueueAsync(delivery, Stop);

        Assert.True(refused.IsCompletedSuccessfully);
        Assert.Equal(IngestResult.Unavailable, await refused);
        Assert.All(accepted, wait => Assert.False(wait.IsCompleted));
    }

    [Fact]
    public async Task Bytes_that_wait_are_bounded_and_come_free_when_they_are_taken()
    {
        var large = new WixWebhook().ToDelivery(default) with { Body = new byte[IngestQueue.MostBytes / 8] };
        var accepted = Enumerable.Range(0, 8).Select(_ => _queue.EnqueueAsync(large, Stop)).ToList();
        Assert.Equal(IngestResult.Unavailable, await _queue.EnqueueAsync(large, Stop));

        Assert.True(_queue.Reader.TryRead(out var taken));
        _queue.Taken(taken);

        Assert.False(_queue.EnqueueAsync(large, Stop).IsCompleted);
        Assert.All(accepted, wait => Assert.False(wait.IsCompleted));
    }

    [Fact]
    public async Task Closed_queue_refuses_at_once()
    {
        _queue.Close();

        Assert.Equal(IngestResult.Unavailable, await _queue.EnqueueAsync(new WixWebhook().ToDelivery(default), Stop));
    }

    [Fact]
    public void Queue_that_is_longer_than_the_writer_can_take_in_a_time_says_so_until_it_is_shorter()
    {
        for (var turn = 0; turn < 3; turn++)
        {
            Enqueue(500);
            Turn(500, milliseconds: 100);
        }

        Enqueue(4_999);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));

        Enqueue(1);
        Assert.False(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(2)));

        Turn(500, milliseconds: 100);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_the_writer_has_taken_still_counts_until_it_is_done_with()
    {
        Enqueue(500);
        for (var turn = 0; turn < 3; turn++)
        {
            Turn(100, milliseconds: 1_000);
        }

        Assert.False(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
        Take(200);

        Assert.False(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
        _queue.NoteTurn(200, TimeSpan.FromSeconds(2));
        Assert.Equal(0, _queue.Reader.Count);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Queue_whose_writer_has_shown_nothing_yet_refuses_nothing()
    {
        Enqueue(8_000);

        Assert.True(_queue.CanCommitWithin(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Pauses_of_the_writer_do_not_count_as_its_pace()
    {
        Enqueue(5 * 100);
        foreach (var milliseconds in (int[])[10, 5_000, 10, 5_000, 10])
        {
            Turn(100, milliseconds);
        }

        Enqueue(1_000);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Small_turns_say_nothing_of_the_pace_of_large_ones()
    {
        Enqueue(5);
        for (var turn = 0; turn < 5; turn++)
        {
            Turn(1, milliseconds: 100);
        }

        Enqueue(1_000);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    // One that is refused beyond a number that no turn that counts would reach, would be refused for ever.
    [Fact]
    public void Writer_that_was_slow_beyond_measure_is_still_given_what_tells_that_it_no_longer_is()
    {
        Enqueue(500);
        for (var turn = 0; turn < 5; turn++)
        {
            Turn(100, milliseconds: 100_000);
        }

        var let = 0;
        for (; _queue.CanCommitWithin(TimeSpan.FromSeconds(1)); let++)
        {
            Enqueue(1);
        }

        for (var turn = 0; turn < 3; turn++)
        {
            Turn(let / 2, milliseconds: 10);
            Enqueue(let / 2);
        }

        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Stall_of_the_night_does_not_refuse_the_burst_of_the_morning()
    {
        Stall();
        for (var turn = 0; turn < 60; turn++)
        {
            _time.Advance(TimeSpan.FromMinutes(5));
            Enqueue(10);
            Turn(10, milliseconds: 5);
        }

        Enqueue(500);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));

        // The first turn of the burst must not bring the stall back.
        Turn(100, milliseconds: 10);
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Pace_counts_until_ten_seconds_have_passed_without_a_turn_that_tells_it()
    {
        Stall();
        Enqueue(500);

        _time.Advance(WriterPace.ForgottenAfter - TimeSpan.FromMilliseconds(1));
        Turn(10, milliseconds: 5);
        Assert.False(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    // Its turns are so long that between two of them more time passes than a pace is remembered for.
    [Fact]
    public void Writer_that_is_still_slow_is_not_taken_for_fast_while_its_long_turn_lasts()
    {
        Enqueue(1_000);
        for (var turn = 0; turn < 5; turn++)
        {
            _time.Advance(WriterPace.ForgottenAfter * 2);
            Turn(100, (int)(WriterPace.ForgottenAfter * 2).TotalMilliseconds);
        }

        _time.Advance(WriterPace.ForgottenAfter * 2);
        Assert.False(_queue.CanCommitWithin(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void Side_notes_are_bounded()
    {
        for (var i = 0; i < 20_000; i++)
        {
            _queue.NoteAnswer(i, i);
            _queue.NoteRejected(new RejectedDelivery(DeliveryDoor.Wix, default, 0, 400, "cause", 0));
        }

        var (answers, rejected) = (0, 0);
        while (_queue.TryTakeAnswerTime(out _))
        {
            answers++;
        }

        while (_queue.TryTakeRejected(out _))
        {
            rejected++;
        }

        Assert.Equal((16_384, 16_384), (answers, rejected));
    }

    private void Stall()
    {
        Enqueue(3 * 200);
        for (var turn = 0; turn < 3; turn++)
        {
            _time.Advance(TimeSpan.FromSeconds(3));
            Turn(200, milliseconds: 3_000);
        }
    }

    private void Enqueue(int items)
    {
        var delivery = new WixWebhook().ToDelivery(default);
        for (var i = 0; i < items; i++)
        {
            Assert.False(_queue.EnqueueAsync(delivery, Stop).IsCompleted);
        }
    }

    private void Turn(int items, int milliseconds)
    {
        Take(items);
        _queue.NoteTurn(items, TimeSpan.FromMilliseconds(milliseconds));
    }

    private void Take(int items)
    {
        for (var i = 0; i < items; i++)
        {
            Assert.True(_queue.Reader.TryRead(out var taken));
            _queue.Taken(taken);
        }
    }
}
