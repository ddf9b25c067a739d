using System.Collections.Concurrent;
using System.Security.Claims;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Connections that stay open: pages' circuits and hub clients. A request is asked who it is once, at its beginning; these live for hours, so they are asked again and again, and
/// cut off once somebody signed out, was shut out, or has another role or other sites than when the connection began. A page that is told before that loads itself anew.
/// </summary>
internal sealed class LiveConnections(Readers readers, AccessDirectory directory, TimeProvider time, ILogger<LiveConnections> logger) : IHostedService, IDisposable
{
    /// <summary>How often they are asked; what has ended is cut off this long afterwards at most.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<Watched, byte> _open = new();
    private ITimer? _timer;

    /// <summary>Whether a path's requests stay open.</summary>
    public static bool IsLive(PathString path) => path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);

    /// <summary>Watches over a request for as long as it lasts.</summary>
    public async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        var watched = new Watched(context, readers.Of(context.User));
        _open[watched] = 0;
        try
        {
            await next(context);
        }
        finally
        {
            _open.TryRemove(watched, out _);
            watched.End();
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => _ = BeatAsync(), null, Beat, Beat);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private async Task BeatAsync()
    {
        try
        {
            await directory.TryCatchUpAsync();
        }
        catch (Exception exception)
        {
            // What is known already is asked all the same.
            logger.LogWarning("Who may what could not be read again: {Reason}", exception.Message);
        }

        CutOffEnded();
    }

    private void CutOffEnded()
    {
        foreach (var (watched, _) in _open)
        {
            var now = readers.Of(watched.User);
            if (now.Role != watched.Begun.Role || !(now.Sites ?? ["*"]).SequenceEqual(watched.Begun.Sites ?? ["*"]))
            {
                watched.CutOff();
            }
        }
    }

    // A context is used again for another connection once its request has ended.
    private sealed class Watched(HttpContext context, Reader begun)
    {
        private readonly Lock _gate = new();
        private bool _hasEnded;

        public ClaimsPrincipal User { get; } = context.User;

        public Reader Begun => begun;

        public void End()
        {
            lock (_gate)
            {
                _hasEnded = true;
            }
        }

        public void CutOff()
        {
            lock (_gate)
            {
                if (!_hasEnded)
                {
                    context.Abort();
                }
            }
        }
    }
}
