namespace LoyaltyDashboard.Access;

/// <summary>
/// Audits tries to sign in that failed. They come from nobody who is known, and the log keeps what it is given: so many a minute have a line, the rest are counted in one. Tries at an
/// account that there is and others are counted apart, so that rubbish does not hide what is aimed.
/// </summary>
public sealed class FailedSignIns(AuditLog audit, TimeProvider time)
{
    /// <summary>Lines a minute about accounts that there are, and as many about nobody's.</summary>
    public const int MostPerMinute = 60;

    // Guarded by _gate.
    private readonly Lock _gate = new();
    private long _minute;
    private int _aimed;
    private int _stray;
    private int _leftOut;

    /// <summary>Audits one, or counts it. Who hangs up is audited all the same.</summary>
    public async Task NoteAsync(AuditEntry entry)
    {
        int leftOut;
        bool hasLine;
        lock (_gate)
        {
            leftOut = Turn();
            hasLine = (entry.Subject is null ? _stray++ : _aimed++) < MostPerMinute;
            _leftOut += hasLine ? 0 : 1;
        }

        if (leftOut > 0)
        {
            await audit.AppendAsync(new(entry.Actor, AuditAction.SignInFailed, null, $"{leftOut} more in one minute, without a line each"), CancellationToken.None);
        }

        if (hasLine)
        {
            await audit.AppendAsync(entry, CancellationToken.None);
        }
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
        (_minute, _aimed, _stray, _leftOut) = (minute, 0, 0, 0);
        return leftOut;
    }
}
