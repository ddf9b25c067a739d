using System.Collections.Concurrent;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Who may see personal data as they are, and until when. A reveal belongs to one sign-in: the same person elsewhere sees masks. In memory alone: a restart ends them all.
/// </summary>
public sealed class Reveals(TimeProvider time)
{
    /// <summary>How long one lasts.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new();

    /// <summary>Raised after each beginning and each end before its time, on the thread that made it. Handlers must be quick and must not throw.</summary>
    public event Action? Changed;

    /// <summary>Begins one, or begins it anew. Audit it first.</summary>
    public void Begin(byte[] session)
    {
        var now = time.GetUtcNow();
        foreach (var (key, until) in _until)
        {
            if (until <= now)
            {
                _until.TryRemove(new(key, until));
            }
        }

        _until[Convert.ToHexString(session)] = now + Length;
        Changed?.Invoke();
    }

    /// <summary>Ends one before its time.</summary>
    public void End(byte[] session)
    {
        if (_until.TryRemove(Convert.ToHexString(session), out _))
        {
            Changed?.Invoke();
        }
    }

    /// <summary>Until when a sign-in sees personal data as they are; null: it does not.</summary>
    public DateTimeOffset? Until(byte[] session) => _until.TryGetValue(Convert.ToHexString(session), out var until) && until > time.GetUtcNow() ? until : null;
}
