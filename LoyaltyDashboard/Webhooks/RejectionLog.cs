using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Webhooks;

/// <summary>
/// Keeps lines about rejected requests bounded, so that rubbish can fill neither the disk nor the log: so many a minute, the rest only counted.
/// </summary>
public sealed class RejectionLog(IngestQueue queue, TimeProvider time, ILogger<RejectionLog> logger)
{
    /// <summary>Lines a minute.</summary>
    public const int MostPerMinute = 120;

    // Guarded by _gate.
    private readonly Lock _gate = new();
    private long _minute;
    private int _written;
    private int _leftOut;

    /// <summary>Notes a rejected request, or counts it.</summary>
    public void Note(DeliveryDoor door, DateTimeOffset receivedAt, long bodyBytes, int status, string cause, TimeSpan took)
    {
        int leftOutBefore;
        lock (_gate)
        {
            leftOutBefore = Turn();
            if (_written >= MostPerMinute)
            {
                _leftOut++;
                return;
            }

            _written++;
        }

        Tell(leftOutBefore);

        logger.LogInformation("Rejected a request at the {Door} door with {Status}: {Cause} ({Bytes} bytes)", door, status, cause, bodyBytes);
        queue.NoteRejected(new RejectedDelivery(door, receivedAt, bodyBytes, status, cause, (long)took.TotalMicroseconds));
    }

    /// <summary>Counts a rejected request that is to have no line.</summary>
    public void CountOnly()
    {
        int leftOutBefore;
        lock (_gate)
        {
            leftOutBefore = Turn();
            _leftOut++;
        }

        Tell(leftOutBefore);
    }

    // Begins the next minute when it has come, and gives what the one before left out.
    private int Turn()
    {
        var minute = time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        if (minute == _minute)
        {
            return 0;
        }

        var leftOut = _leftOut;
        (_minute, _written, _leftOut) = (minute, 0, 0);
        return leftOut;
    }

    private void Tell(int leftOut)
    {
        if (leftOut > 0)
        {
            logger.LogInformation("{Count} more rejected requests were counted without a line", leftOut);
        }
    }
}
