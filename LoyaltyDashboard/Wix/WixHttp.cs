using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Polly.Timeout;

namespace LoyaltyDashboard.Wix;

/// <summary>Sends one request to Wix and brings back the answer, whatever its status.</summary>
internal sealed class WixHttp(IHttpClientFactory clients, WixRequestBudget budget, IOptions<WixOptions> options, TimeProvider time)
{
    // Paths are added, not resolved: the base may have a path of its own.
    private readonly string _base = options.Value.ApiBaseUrl.TrimEnd('/');

    /// <summary>Sends a request once the instance's budget has room.</summary>
    /// <param name="instanceId">Whose budget it is.</param>
    /// <param name="what">The call's name at Wix, for messages.</param>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">Path and query, with a slash in front.</param>
    /// <param name="body">The JSON to send, if any.</param>
    /// <param name="token">The token to show; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="WixApiException">There is no answer.</exception>
    public async Task<WixAnswer> SendAsync(string instanceId, string what, HttpMethod method, string path, JsonObject? body, string? token, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, _base + path);
        WixBudgetHandler.Mark(request, instanceId);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        if (token is not null)
        {
            // Wix's own way, without "Bearer".
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        await budget.EnterAsync(instanceId, cancellation);
        using var client = clients.CreateClient(WixApi.ClientName);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return await WixAnswer.ReadAsync(response, time.GetUtcNow(), cancellation);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new WixApiException(WixApiFault.NotUnderstood, $"{what}: what came from Wix's address is no HTTP answer.");
        }
        catch (HttpRequestException exception)
        {
            throw new WixApiException(WixApiFault.Unavailable, $"{what}: {Cause(exception)}.");
        }
        catch (TimeoutRejectedException)
        {
            throw new WixApiException(WixApiFault.Unavailable, $"{what}: Wix did not answer in time.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new WixApiException(WixApiFault.Unavailable, $"{what}: the connection to Wix was given up.");
        }
    }

    private static string Cause(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "Wix's address could not be found",
        HttpRequestError.SecureConnectionError => "no secure connection to Wix could be made",
        HttpRequestError.ConnectionError when exception.InnerException is SocketException socket => $"Wix could not be reached ({socket.SocketErrorCode})",
        HttpRequestError.ConnectionError => "Wix could not be reached",
        _ => "the connection to Wix broke off",
    };
}
