using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class IngestQueueTests
{
    private readonly IngestQueue _queue = new();

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
}
