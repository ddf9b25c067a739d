namespace LoyaltyDashboard.Wix;

/// <summary>Fetches the error file of an import: asks Wix for a link, which lives shortly, and opens it. Nothing of it is kept.</summary>
/// <param name="link">Asks Wix for the link, by instance id and import id.</param>
/// <param name="open">Opens a link.</param>
/// <param name="canOpen">Whether Wix can be asked at all.</param>
public sealed class ErrorFiles(Func<string, string, CancellationToken, Task<Uri>> link, Func<Uri, CancellationToken, Task<Stream>> open, bool canOpen)
{
    /// <summary>Whether Wix can be asked: without an app secret nothing can be fetched.</summary>
    public bool CanOpen { get; } = canOpen;

    /// <summary>Opens the file. The stream is for asynchronous reading; disposing it closes the connection.</summary>
    /// <exception cref="ErrorFileException">It cannot be had; the stream throws it, too, when it breaks in the middle.</exception>
    public async Task<Stream> OpenAsync(string instanceId, string importId, CancellationToken cancellation)
    {
        if (!CanOpen)
        {
            throw new ErrorFileException(ErrorFileFault.NoSecret, "No app secret is set, so Wix cannot be asked for the error file. Set Wix:AppId and Wix:AppSecret.");
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

    private static ErrorFileFault ToFault(WixApiFault fault) => fault switch
    {
        WixApiFault.NotFound => ErrorFileFault.Missing,
        WixApiFault.TooManyRequests or WixApiFault.Unavailable => ErrorFileFault.Unreachable,
        _ => ErrorFileFault.Refused,
    };
}
