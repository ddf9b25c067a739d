using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace LoyaltyDashboard.Sandbox;

/// <summary>A token that was given out.</summary>
/// <param name="Number">Counted from 1 since the start.</param>
/// <param name="InstanceId">The one site it speaks for.</param>
/// <param name="Ends">When it is refused.</param>
internal sealed record SandboxToken(int Number, string InstanceId, DateTimeOffset Ends);

/// <summary>The tokens of the stand-in. Each speaks for one site, and none outlives the process.</summary>
internal sealed class SandboxTokens(TimeProvider time)
{
    /// <summary>How long a token lives, in seconds: four hours, as at Wix.</summary>
    public const int LifeSeconds = 14_400;

    private readonly ConcurrentDictionary<string, SandboxToken> _tokens = new();
    private int _last;

    /// <summary>A new token.</summary>
    public (string Text, SandboxToken Token) Issue(string instanceId)
    {
        var now = time.GetUtcNow();
        foreach (var (old, token) in _tokens)
        {
            if (token.Ends <= now)
            {
                _tokens.TryRemove(old, out _);
            }
        }

        var issued = new SandboxToken(Interlocked.Increment(ref _last), instanceId, now.AddSeconds(LifeSeconds));
        var text = "OAUTH2.sandbox." + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        _tokens[text] = issued;
        return (text, issued);
    }

    /// <summary>What an <c>Authorization</c> header carries; null if it is no token of ours or its life is over. Wix's own code sends it bare; "Bearer" before it does no harm.</summary>
    public SandboxToken? Find(string? header)
    {
        const string Bearer = "Bearer ";
        var text = header?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true ? header[Bearer.Length..] : header;
        return text is not null && _tokens.TryGetValue(text.Trim(), out var token) && time.GetUtcNow() < token.Ends ? token : null;
    }
}
