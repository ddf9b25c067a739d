using System.Threading.RateLimiting;

namespace LoyaltyDashboard.Wix;

/// <summary>Fetches the error file of an import: asks Wix for a link, which lives shortly, and opens it. Nothing of it is kept.</summary>
/// <param name="link">Asks Wix for the link, by instance id and import id.</param>
/// <param name="open">Opens a link.</param>
/// <param name="canOpen">Whether Wix can be asked at all.</param>
public sealed class ErrorFiles(Func<string, string, CancellationToken, Task<Uri>> link, Func<Uri, CancellationToken, Task<Stream>> open, bool canOpen) : IDisposable
{
    /// <summary>Files that one reader may ask for at once, and again in each minute: a site's budget of questions at Wix is for following its imports.</summary>
    public const int MostPerMinute = 20;

    private readonly PartitionedRateLimiter<string> _turns = PartitionedRateLimiter.Create<string, string>(
        who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new() { TokenLimit = MostPerMinute, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromMinutes(1) / MostPerMinute, QueueLimit = 0 }));

    /// <summary>Whether Wix can be asked: without an app secret nothing can be fetched.</summary>
    public bool CanOpen { get; } = canOpen;

    /// <summary>Opens the file. The stream is for asynchronous reading; disposing it closes the connection.</summary>
    /// <param name="who">Who asks, by any name that is theirs alone.</param>
    /// <param name="instanceId">The import's site.</param>
    /// <param name="importId">The import.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ErrorFileException">It cannot be had; the stream throws it, too, when it breaks in the middle.</exception>
    public async Task<Stream> OpenAsync(string who, string instanceId, string importId, CancellationToken cancellation)
    {
        if (!CanOpen)
        {
            throw new ErrorFileException(ErrorFileFault.NoSecret, "No app secret is set, so Wix cannot be asked for the error file. Set Wix:AppId and Wix:AppSecret.");
        }

        using var turn = _turns.AttemptAcquire(who);
        if (!turn.IsAcquired)
        {
            throw new ErrorFileException(ErrorFileFault.TooOften, "You asked for many error files in a short time. Wait a few seconds, and try again.")
            {
                RetryAfter = turn.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1) / MostPerMinute,
            };
        }

        try
        {
            return await open(await link(instanceId, importId, cancellation), cancellation);
        }
        catch (WixApiException exception)
        {
            throw new ErrorFileException(ToFault(exception.Fault), exception.Message) { RetryAfter = exception.RetryAfter };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private static ErrorFileFault ToFault(WixApiFault fault) => fault switch
    {
        WixApiFault.NotFound => ErrorFileFault.Missing,
        WixApiFault.TooManyRequests or WixApiFault.Unavailable => ErrorFileFault.Unreachable,
        _ => ErrorFileFault.Refused,
    };
}
