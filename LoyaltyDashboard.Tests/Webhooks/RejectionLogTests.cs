using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Webhooks;

namespace LoyaltyDashboard.Tests.Webhooks;

public sealed class RejectionLogTests
{
    private readonly IngestQueue _queue;
    private readonly WatchedTime _time = new();
    private readonly LogLines<RejectionLog> _log = new();
    private readonly RejectionLog _rejections;

    public RejectionLogTests()
    {
        _queue = new IngestQueue(_time);
        _rejections = new RejectionLog(_queue, _time, _log);
    }

    [Fact]
    public void Rejected_request_is_one_line_with_its_cause_and_time()
    {
        _rejections.Note(DeliveryDoor.Wix, _time.GetUtcNow(), 17, 401, "cause", TimeSpan.FromMilliseconds(2));

        Assert.True(_queue.TryTakeRejected(out var line));
        Assert.Equal(new RejectedDelivery(DeliveryDoor.Wix, _time.GetUtcNow(), 17, 401, "cause", 2_000), line);
        Assert.Equal("Rejected a request at the Wix door with 401: cause (17 bytes)", Assert.Single(_log.All).Text);
    }

    [Fact]
    public void Rubbish_without_end_is_so_many_lines_a_minute_and_the_rest_is_counted()
    {
        NoteMany(RejectionLog.MostPerMinute + 30);
        Assert.Equal(RejectionLog.MostPerMinute, TakeAll());
        Assert.Equal(RejectionLog.MostPerMinute, _log.All.Count);

        _time.Advance(TimeSpan.FromMinutes(1));
        NoteMany(1);

        Assert.Equal(1, TakeAll());
        Assert.Contains("30 more rejected requests were counted without a line", _log.All.Select(l => l.Text));
    }

    [Fact]
    public void What_is_only_counted_has_no_line_and_is_told_with_the_rest()
    {
        NoteMany(1);
        _rejections.CountOnly();
        _rejections.CountOnly();
        _time.Advance(TimeSpan.FromMinutes(1));
        _rejections.CountOnly();

        Assert.Equal(1, TakeAll());
        Assert.Equal("2 more rejected requests were counted without a line", _log.All.Last().Text);
    }

    [Fact]
    public void Quiet_minutes_are_not_counted_again()
    {
        NoteMany(RejectionLog.MostPerMinute + 1);
        _time.Advance(TimeSpan.FromMinutes(1));
        NoteMany(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        NoteMany(1);

        Assert.Single(_log.All, line => line.Text.Contains("counted without a line"));
    }

    private void NoteMany(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _rejections.Note(DeliveryDoor.Wix, _time.GetUtcNow(), 0, 400, "cause", TimeSpan.Zero);
        }
    }

    private int TakeAll()
    {
        var count = 0;
        while (_queue.TryTakeRejected(out _))
        {
            count++;
        }

        return count;
    }
}
