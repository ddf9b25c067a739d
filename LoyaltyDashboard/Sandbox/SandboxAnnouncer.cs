using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
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

/// <summary>
/// Announces invented imports as Wix would: a signed POST to our own address, once, when the import is created. Nothing short-cuts the door, and what
/// becomes of the import is for those who ask the API. Now and then a webhook is lost.
/// </summary>
public sealed class SandboxAnnouncer(
    SandboxKey key, SandboxWorld world, IOptions<SandboxOptions> options, IHttpClientFactory http, IServer server, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SandboxAnnouncer> logger)
    : BackgroundService
{
    // At the start it looks as if the sandbox had been there for so long: the API is further on than the webhooks say.
    private static readonly TimeSpan _before = TimeSpan.FromMinutes(3);

    private readonly WebhookSigner _signer = new(key.Private);
    private readonly ImportInventor _inventor = new(options.Value.Seed ?? Random.Shared.Next());

    /// <summary>Lets one scenario happen now and announces it.</summary>
    /// <param name="scenario">Which.</param>
    /// <param name="among">The sites it may happen at; null: all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The door's answer.</returns>
    /// <exception cref="ArgumentException">There is no such scenario.</exception>
    public Task<HttpStatusCode> AnnounceAsync(string scenario, IReadOnlyList<SandboxSite>? among, CancellationToken cancellation) => AnnounceAsync(Find(scenario), time.GetUtcNow(), among, cancellation);

    /// <inheritdoc cref="AnnounceAsync(string, IReadOnlyList{SandboxSite}, CancellationToken)"/>
    public Task<HttpStatusCode> AnnounceAsync(string scenario, CancellationToken cancellation) => AnnounceAsync(scenario, null, cancellation);

    /// <summary>Announces an import as it was when it was created; the API knows it from now on.</summary>
    /// <returns>The door's answer.</returns>
    public Task<HttpStatusCode> AnnounceAsync(SandboxImport import, CancellationToken cancellation)
    {
        var known = world.Add(import);
        return PostAsync(_inventor.Announce(known.Created, world.Site(known.InstanceId)!, known.CreatedAt), cancellation);
    }

    /// <summary>Creates an import whose webhook never comes.</summary>
    /// <exception cref="ArgumentException">There is no such scenario, or it is no import.</exception>
    public SandboxImport Lose(string scenario)
    {
        var found = Find(scenario);
        var import = world.Add(found.IsImport ? _inventor.Create(found, time.GetUtcNow()) : throw new ArgumentException($"The scenario '{scenario}' is no import.", nameof(scenario)));
        logger.LogInformation("The sandbox lost the webhook of {ImportId} on purpose", import.Id);
        return import;
    }

    /// <summary>Lets a scenario happen by chance; one in twelve is lost.</summary>
    /// <returns>The door's answer; null if nothing was sent.</returns>
    internal async Task<HttpStatusCode?> AnnounceByChanceAsync(CancellationToken cancellation)
    {
        var scenario = _inventor.Choose();
        if (_inventor.LosesWebhook())
        {
            Lose(scenario.Name);
            return null;
        }

        return await AnnounceAsync(scenario.Name, cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // A start that fails, on an address that is taken, ends this wait, too.
            await WaitForStartAsync(stoppingToken);
            await StartAnnouncingAsync(stoppingToken);
            while (options.Value.IntervalSeconds > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(options.Value.IntervalSeconds), time, stoppingToken);
                if (await AnnounceByChanceAsync(stoppingToken) is { } status and not HttpStatusCode.OK)
                {
                    logger.LogInformation("The door answered {Status} to the sandbox", (int)status);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task WaitForStartAsync(CancellationToken cancellation)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(cancellation);
    }

    private async Task StartAnnouncingAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (options.Value.StartWith > 0)
        {
            // Each site has a past that was never announced: the app was installed later.
            foreach (var site in ImportInventor.Sites.Where(site => world.Imports(site.InstanceId).Count == 0))
            {
                foreach (var import in _inventor.CreatePast(site, now))
                {
                    world.Add(import);
                }
            }
        }

        // Each kind of import once, and the two events without one, so that both lists have something to show.
        string[] first = [.. ScenarioCatalog.All.Where(s => s.IsImport).Select(s => s.Name), "other-event", "no-import"];
        for (var i = 0; i < options.Value.StartWith; i++)
        {
            var created = now - (_before * (options.Value.StartWith - i) / options.Value.StartWith);
            await AnnounceAsync(i < first.Length ? Find(first[i]) : _inventor.Choose(), created, null, cancellation);
        }
    }

    private Task<HttpStatusCode> AnnounceAsync(Scenario scenario, DateTimeOffset created, IReadOnlyList<SandboxSite>? among, CancellationToken cancellation) =>
        scenario.IsImport ? AnnounceAsync(_inventor.Create(scenario, created, among), cancellation) : PostAsync(_inventor.InventOther(scenario, among), cancellation);

    private static Scenario Find(string scenario) => ScenarioCatalog.Find(scenario) ?? throw new ArgumentException($"There is no scenario '{scenario}'.", nameof(scenario));

    private async Task<HttpStatusCode> PostAsync(SandboxEvent announced, CancellationToken cancellation)
    {
        using var client = http.CreateClient(nameof(SandboxAnnouncer));
        using var content = new StringContent(_signer.Sign(announced, time.GetUtcNow()));
        try
        {
            using var response = await client.PostAsync(new Uri(SandboxRoute.AddressOf(server), "/webhooks/wix"), content, cancellation);
            return response.StatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }
}
