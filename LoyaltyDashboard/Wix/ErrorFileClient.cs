using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LoyaltyDashboard.Wix;

/// <summary>
/// Opens Wix's link to an error file as a stream, under rules: https, to public addresses only, a CSV, of bounded size, in bounded time. The host's name is resolved once
/// and the connection goes to the addresses that were checked. Nothing of the link is logged.
/// </summary>
/// <param name="trusted">The exceptions.</param>
/// <param name="time">The clock of the limits.</param>
/// <param name="resolve">Finds a host's addresses; the system does unless given.</param>
public sealed class ErrorFileClient(IEnumerable<TrustedFiles> trusted, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
{
    /// <summary>A larger file is not read to its end. Wix takes CSVs up to 10 MB; its error file repeats their rows with a reason each.</summary>
    public const long MostBytes = 32 * 1024 * 1024;

    /// <summary>Redirects that are followed.</summary>
    public const int MostRedirects = 3;

    /// <summary>How long the answer may take to begin, redirects and all.</summary>
    public static readonly TimeSpan LongestHead = TimeSpan.FromSeconds(10);

    /// <summary>How long the whole may take, the reader's own time included.</summary>
    public static readonly TimeSpan LongestWhole = TimeSpan.FromSeconds(60);

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    /// <summary>Opens the file. The stream is for asynchronous reading; disposing it closes the connection.</summary>
    /// <exception cref="ErrorFileException">A rule is broken or nobody answers; the stream throws it, too, when a limit is broken in the middle.</exception>
    public async Task<Stream> OpenAsync(Uri link, CancellationToken cancellation)
    {
        var whole = new CancellationTokenSource(LongestWhole, time);
        try
        {
            using var head = new CancellationTokenSource(LongestHead, time);
            using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellation, head.Token, whole.Token);
            try
            {
                return await FollowAsync(link, whole, any.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw ErrorFileStream.TooSlow();
            }
            catch (HttpRequestException exception)
            {
                throw exception.InnerException switch
                {
                    ErrorFileException refusal => refusal,
                    AuthenticationException => ErrorFileLink.Refused("The place where Wix keeps the error file shows no certificate that can be trusted, so it was not opened."),
                    _ => new ErrorFileException(ErrorFileFault.Unreachable, "The place where Wix keeps the error file does not answer. Try again in a while."),
                };
            }
        }
        catch
        {
            whole.Dispose();
            throw;
        }
    }

    private async Task<Stream> FollowAsync(Uri link, CancellationTokenSource whole, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            var isTrusted = trusted.Any(files => files.Covers(link));
            ErrorFileLink.Check(link, isTrusted);

            // A handler for each hop: a connection that was checked for one link never serves another.
            var http = new HttpMessageInvoker(Handler(isTrusted));
            HttpResponseMessage? answer = null;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, link);
                request.Headers.TryAddWithoutValidation("User-Agent", "LoyaltyDashboard");
                answer = await http.SendAsync(request, cancellation);
                if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308))
                {
                    ErrorFileLink.Check(answer, MostBytes);
                    return new ErrorFileStream(await answer.Content.ReadAsStreamAsync(cancellation), MostBytes, whole, [answer, http]);
                }

                if (redirects == MostRedirects || !Uri.TryCreate(link, answer.Headers.Location, out var target))
                {
                    throw ErrorFileLink.Refused("Wix's link to the error file leads from place to place and nowhere to a file.");
                }

                if (link.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps)
                {
                    throw ErrorFileLink.Refused("Wix's link to the error file leads to an address that is not https, so it was not opened.");
                }

                link = target;
            }
            catch
            {
                answer?.Dispose();
                http.Dispose();
                throw;
            }

            answer.Dispose();
            http.Dispose();
        }
    }

    private SocketsHttpHandler Handler(bool isTrusted) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        Credentials = null,
        ActivityHeadersPropagator = null,
        // Some storages compress unasked; the limit counts what comes out.
        AutomaticDecompression = DecompressionMethods.All,
        ConnectCallback = async (context, cancellation) => await ConnectAsync(context.DnsEndPoint, isTrusted, cancellation),
    };

    private async Task<Stream> ConnectAsync(DnsEndPoint place, bool isTrusted, CancellationToken cancellation)
    {
        var addresses = await _resolve(place.Host, cancellation);
        ErrorFileLink.Check(addresses, isTrusted);
        SocketException? fault = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, place.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                fault = exception;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw fault ?? new SocketException((int)SocketError.HostNotFound);
    }
}
