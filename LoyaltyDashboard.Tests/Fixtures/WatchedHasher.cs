using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Identity;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>The real hasher of passwords, watched: how often it was asked, and how often at the same time.</summary>
public sealed class WatchedHasher : IPasswordHasher<Account>
{
    private readonly PasswordHasher<Account> _real = new();
    private int _looked;
    private int _now;
    private int _most;

    /// <summary>Passwords looked at.</summary>
    public int Looked => Volatile.Read(ref _looked);

    /// <summary>Most of them at the same time.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    /// <summary>Done before a password is looked at.</summary>
    public Action OnLook { get; set; } = () => { };

    /// <summary>Done before a new password is hashed.</summary>
    public Action OnHash { get; set; } = () => { };

    public string HashPassword(Account user, string password)
    {
        OnHash();
        return _real.HashPassword(user, password);
    }

    public PasswordVerificationResult VerifyHashedPassword(Account user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref _looked);
        var now = Interlocked.Increment(ref _now);
        for (var most = MostAtOnce; now > most; most = MostAtOnce)
        {
            Interlocked.CompareExchange(ref _most, now, most);
        }

        OnLook();
        var result = _real.VerifyHashedPassword(user, hashedPassword, providedPassword);
        Interlocked.Decrement(ref _now);
        return result;
    }
}
