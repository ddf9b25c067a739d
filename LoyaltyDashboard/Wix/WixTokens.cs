using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// The access tokens, one for each instance of the app. A token is kept until shortly before its end, and asked for once however many callers wait for it.
/// Tokens live in memory only. For any number of callers.
/// </summary>
internal sealed class WixTokens(WixHttp http, IOptions<WixOptions> options, TimeProvider time)
{
    private const string What = "Create Access Token";

    // Longer than any header that a server takes.
    private const int LongestToken = 16 * 1024;

    private static readonly TimeSpan _early = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _documentedLife = TimeSpan.FromHours(4);
    private static readonly TimeSpan _longestLife = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Request> _requests = new(StringComparer.Ordinal);

    /// <summary>The instance's token, from memory or from Wix.</summary>
    /// <exception cref="WixApiException">Wix gives none.</exception>
    public async Task<string> GetAsync(string instanceId, CancellationToken cancellation)
    {
        Request? request;
        lock (_lock)
        {
            if (_tokens.TryGetValue(instanceId, out var known) && time.GetUtcNow() < known.RenewAt)
            {
                return known.Value;
            }

            if (!_requests.TryGetValue(instanceId, out request))
            {
                var begun = request = new Request();
                _requests.Add(instanceId, request);

                // Elsewhere, for the lock is held.
                request.Task = Task.Run(() => FetchAsync(instanceId, begun), CancellationToken.None);
            }

            request.Callers++;
        }

        try
        {
            // One caller that gives up takes nothing from the others.
            return await request.Task.WaitAsync(cancellation);
        }
        finally
        {
            LeaveRequest(instanceId, request);
        }
    }

    /// <summary>Forgets a token that Wix did not accept. One that has been renewed meanwhile stays.</summary>
    public void Drop(string instanceId, string token)
    {
        lock (_lock)
        {
            if (_tokens.TryGetValue(instanceId, out var known) && known.Value == token)
            {
                _tokens.Remove(instanceId);
            }
        }
    }

    private void LeaveRequest(string instanceId, Request request)
    {
        lock (_lock)
        {
            if (--request.Callers > 0 || !RemoveRequest(instanceId, request))
            {
                return;
            }
        }

        // The last one has left while it is under way.
        request.Cancellation.Cancel();
    }

    private async Task<string> FetchAsync(string instanceId, Request request)
    {
        try
        {
            var token = await AskAsync(instanceId, request.Cancellation.Token);
            lock (_lock)
            {
                ForgetEnded();
                _tokens[instanceId] = token;
            }

            return token.Value;
        }
        finally
        {
            lock (_lock)
            {
                RemoveRequest(instanceId, request);
            }
        }
    }

    // Under the lock. False if it is not there any more, or another one has taken its place.
    private bool RemoveRequest(string instanceId, Request request) => _requests.TryGetValue(instanceId, out var current) && current == request && _requests.Remove(instanceId);

    private void ForgetEnded()
    {
        var now = time.GetUtcNow();
        foreach (var (id, token) in _tokens)
        {
            if (token.RenewAt <= now)
            {
                _tokens.Remove(id);
            }
        }
    }

    private async Task<Token> AskAsync(string instanceId, CancellationToken cancellation)
    {
        var secret = options.Value.AppSecret?.Trim();
        var body = new JsonObject
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = options.Value.AppId?.Trim(),
            ["client_secret"] = secret,
            ["instance_id"] = instanceId,
        };

        // Its life is counted from before the request, so never too long.
        var asked = time.GetUtcNow();
        var answer = await http.SendAsync(instanceId, What, HttpMethod.Post, "/oauth2/token", body, token: null, cancellation);
        if (!answer.IsSuccess)
        {
            throw WixFaults.OfToken(What, answer, secret);
        }

        var json = new TolerantJson();
        var value = json.String(answer.Json, "access_token", "access_token");
        if (string.IsNullOrEmpty(value) || value.Length > LongestToken || value.Any(letter => letter is < '!' or > '~'))
        {
            throw WixFaults.NotUnderstood(What, answer, "it holds no usable access_token");
        }

        var life = json.Integer(answer.Json, "expires_in", "expires_in") is { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, (long)_longestLife.TotalSeconds))
            : _documentedLife;

        // A life shorter than twice the margin would be all margin.
        return new Token(value, asked + (life > 2 * _early ? life - _early : life / 2));
    }

    // No record: it would print its value.
    private sealed class Token(string value, DateTimeOffset renewAt)
    {
        public string Value { get; } = value;

        public DateTimeOffset RenewAt { get; } = renewAt;
    }

    private sealed class Request
    {
        public CancellationTokenSource Cancellation { get; } = new();

        public Task<string> Task { get; set; } = null!;

        public int Callers { get; set; }
    }
}
