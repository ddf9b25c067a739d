using System.Net;
using System.Security.Cryptography;
using LoyaltyDashboard.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Sandbox;

/// <summary>The sandbox's key pair, made at each start and written nowhere.</summary>
public sealed class SandboxKey : IDisposable
{
    /// <summary>The private half.</summary>
    public RSA Private { get; } = RSA.Create(2048);

    /// <summary>The public half, as Wix would show it.</summary>
    public string PublicPem => Private.ExportSubjectPublicKeyInfoPem();

    /// <inheritdoc/>
    public void Dispose() => Private.Dispose();
}

/// <summary>Announces invented imports as Wix would: a signed POST to our own address. Nothing short-cuts the door.</summary>
public sealed class SandboxAnnouncer(
    SandboxKey key, IOptions<SandboxOptions> options, IHttpClientFactory http, IServer server, SiteNames sites, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SandboxAnnouncer> logger)
    : BackgroundService
{
    private readonly WebhookSigner _signer = new(key.Private);
    private readonly ImportInventor _inventor = new(options.Value.Seed ?? Random.Shared.Next());

    /// <summary>Announces one scenario.</summary>
    /// <returns>The door's answer.</returns>
    /// <exception cref="ArgumentException">There is no such scenario.</exception>
    public async Task<HttpStatusCode> AnnounceAsync(string scenario, CancellationToken cancellation)
    {
        var found = ScenarioCatalog.Find(scenario) ?? throw new ArgumentException($"There is no scenario '{scenario}'.", nameof(scenario));
        return await PostAsync(_signer.Sign(_inventor.Invent(found, time.GetUtcNow()), time.GetUtcNow()), cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        try
        {
            // Webhooks carry no site names; Wix's Get App Instance does. The sandbox's sites are known from the start.
            foreach (var site in ImportInventor.Sites)
            {
                await sites.SetAsync(site.InstanceId, site.Name, site.Url, stoppingToken);
            }

            await AnnounceAllAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (System.Data.Common.DbException exception)
        {
            // The stand-in ends; the dashboard goes on.
            logger.LogError(exception, "The sandbox stopped: its sites could not be named");
        }
    }

    private async Task AnnounceAllAsync(CancellationToken cancellation)
    {
        // Each kind of import once, and the two events without one, so that both lists have something to show.
        string[] first = [.. ScenarioCatalog.All.Where(s => s.Weight > 0).Select(s => s.Name), "other-event", "no-import"];
        for (var i = 0; i < options.Value.StartWith; i++)
        {
            await AnnounceAsync(i < first.Length ? first[i] : _inventor.Choose().Name, cancellation);
        }

        while (options.Value.IntervalSeconds > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time, cancellation);
            var scenario = _inventor.Choose();
            var status = await AnnounceAsync(scenario.Name, cancellation);
            if (status != HttpStatusCode.OK)
            {
                logger.LogInformation("The door answered {Status} to the sandbox's '{Scenario}'", (int)status, scenario.Name);
            }
        }
    }

    private async Task<HttpStatusCode> PostAsync(string body, CancellationToken cancellation)
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? throw new InvalidOperationException("The server has no address yet.");
        using var client = http.CreateClient(nameof(SandboxAnnouncer));
        using var content = new StringContent(body);
        try
        {
            using var response = await client.PostAsync(new Uri(new Uri(address), "/webhooks/wix"), content, cancellation);
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
