namespace LoyaltyDashboard.Access;

/// <summary>
/// Shows personal data as they are to whoever looks at a page, for a while and for a reason. One for each open page; a reveal is of the sign-in, so another page of it shows them, too.
/// </summary>
public sealed class RevealService : IDisposable
{
    /// <summary>Fewest letters of a reason.</summary>
    public const int ShortestReason = 3;

    /// <summary>Most letters of a reason.</summary>
    public const int LongestReason = 200;

    private readonly CurrentUser _user;
    private readonly CurrentReader _reader;
    private readonly Reveals _reveals;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private ITimer? _end;
    private bool _isGone;

    /// <summary>Of one page.</summary>
    public RevealService(CurrentUser user, CurrentReader reader, Reveals reveals, AuditLog audit, TimeProvider time)
    {
        (_user, _reader, _reveals, _audit, _time) = (user, reader, reveals, audit, time);
        _reveals.Changed += Tell;
        Wait();
    }

    /// <summary>Raised when personal data are shown from now on, or no longer: what is on the page is to be asked for anew. On any thread.</summary>
    public event Action? Changed;

    /// <summary>Whether whoever looks may ask for it: an operator or above who signed in. A key reads in clear without.</summary>
    public bool MayReveal => Session is not null && _reader.Now.Is(Storage.Role.Operator);

    /// <summary>Until when they are shown; null: they are not.</summary>
    public DateTimeOffset? Until => MayReveal ? _reveals.Until(Session!) : null;

    // Only people have one.
    private byte[]? Session => _reader.Now.Actor.StartsWith("user:", StringComparison.Ordinal) ? AccessClaims.SessionOf(_user.User) : null;

    /// <summary>Begins a reveal, once the reason stands in the audit log.</summary>
    /// <returns>Why not; null when they are shown.</returns>
    public async Task<string?> BeginAsync(string reason, CancellationToken cancellation)
    {
        reason = reason.Trim();
        if (reason.Length is < ShortestReason or > LongestReason)
        {
            return $"Say why, in {ShortestReason} to {LongestReason} characters.";
        }

        var reader = _reader.Now;
        reader.Demand(Storage.Role.Operator);
        if (Session is not { } session)
        {
            return "Only people who signed in can reveal.";
        }

        await _audit.AppendAsync(new(reader.Actor, AuditAction.Reveal, Detail: reason), cancellation);
        _reveals.Begin(session);
        return null;
    }

    /// <summary>Ends it before its time.</summary>
    public void End()
    {
        if (Session is { } session)
        {
            _reveals.End(session);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reveals.Changed -= Tell;
        lock (_gate)
        {
            _isGone = true;
            _end?.Dispose();
        }
    }

    private void Tell()
    {
        Wait();
        Changed?.Invoke();
    }

    // Nobody is told that its time is over.
    private void Wait()
    {
        lock (_gate)
        {
            _end?.Dispose();
            _end = !_isGone && Until is { } until ? _time.CreateTimer(_ => Tell(), null, until - _time.GetUtcNow(), Timeout.InfiniteTimeSpan) : null;
        }
    }
}
