using System.Net;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// Brings the whole body of an answer into memory, so that one that breaks off or never ends is a failed attempt like any other, under the attempt's
/// time limit. A body too large, or packed wrongly, is dropped: what remains is an answer that is not understood.
/// </summary>
internal sealed class WixAnswerHandler : DelegatingHandler
{
    /// <summary>Bytes, unpacked. 100 imports with everything at its documented maximum would be more; real ones have 2 to 3 KB each.</summary>
    public const int LargestBody = 8 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            await response.Content.LoadIntoBufferAsync(LargestBody, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException or HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded })
        {
            // Brotli's reader calls what it cannot unpack an invalid operation.
            response.Content.Dispose();
            response.Content = new ByteArrayContent([]);
        }
        catch
        {
            response.Dispose();
            throw;
        }

        return response;
    }
}
