using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LoyaltyDashboard.Sandbox;

/// <summary>
/// Sends what is meant for the stand-in to this very server, whose address is known only once it has started; until then requests wait.
/// Everything else goes where it was going.
/// </summary>
public sealed class SandboxRoute(IServer server, IHostApplicationLifetime lifetime) : DelegatingHandler
{
    /// <summary>What <c>Wix:ApiBaseUrl</c> is while the sandbox stands in for Wix.</summary>
    public const string BaseUrl = "http://localhost" + SandboxApi.Path;

    private static readonly Uri _base = new(BaseUrl);

    /// <summary>This server's address.</summary>
    /// <exception cref="InvalidOperationException">It has none yet.</exception>
    public static Uri AddressOf(IServer server)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return new(addresses.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal)) ?? addresses.FirstOrDefault() ?? throw new InvalidOperationException("The server has no address yet."));
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { IsAbsoluteUri: true } uri && uri.Scheme == _base.Scheme && uri.Authority == _base.Authority && uri.AbsolutePath.StartsWith(SandboxApi.Path + "/", StringComparison.Ordinal))
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = lifetime.ApplicationStarted.Register(() => started.TrySetResult());
            await started.Task.WaitAsync(cancellationToken);
            request.RequestUri = new Uri(AddressOf(server), uri.PathAndQuery);
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
