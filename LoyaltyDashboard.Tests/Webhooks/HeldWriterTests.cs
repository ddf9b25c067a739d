using System.Net;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>
/// The whole program while its writer writes nothing, as with a locked database, a slow disk, or more work than it can do. The writer is held until a test lets it go, and the clock stands
/// still until a test moves it, so whatever is answered is answered without waiting for either.
/// </summary>
public sealed class HeldWriterTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly DashboardApp _app;
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _goOn = new();

    public HeldWriterTests() => _app = DashboardApp.Start(_time, services: services => services.ReplaceWriter(connectionString =>
    {
        _held.TrySetResult();
        _goOn.Wait();
        return new WriterSession(connectionString);
    }));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        // Otherwise it would never end.
        _goOn.Set();
        ((IDisposable)_app).Dispose();
        _goOn.Dispose();
    }

    [Fact]
    public async Task Event_that_waits_too_long_is_answered_503_before_Wix_hangs_up_and_its_retry_is_no_second_import()
    {
        var webhook = new WixWebhook();
        var wait = _app.PostAsync(webhook);
        await _held.Task.WaitAsync(Stop);

        Assert.True(Doorkeeper.LongestWait < TimeSpan.FromMilliseconds(1_250));
        _time.Advance(Doorkeeper.LongestWait);
        var refused = await wait;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter!.Delta);

        // Nobody waits for it any more, and it is written all the same.
        _goOn.Set();
        Assert.Equal(HttpStatusCode.OK, (await _app.PostAsync(webhook)).StatusCode);
        Assert.Equal([DeliveryOutcome.Duplicate, DeliveryOutcome.Stored], (await _app.Deliveries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.Outcome));
        Assert.Single((await _app.Imports.FindAsync(Reader.System, webhook.ImportId, Stop))!.Observations);
    }

    [Fact]
    public async Task More_than_may_wait_is_answered_503_at_once_and_nothing_that_waits_is_lost()
    {
        var first = new WixWebhook();
        var answerToFirst = _app.PostAsync(first);
        await _held.Task.WaitAsync(Stop);
        var waiting = Enumerable.Range(0, IngestQueue.Capacity).Select(_ => new WixWebhook()).ToList();
        var waits = waiting.Select(webhook => _app.Services.GetRequiredService<IngestQueue>().EnqueueAsync(webhook.ToDelivery(default), Stop)).ToList();

        var refused = Enumerable.Range(0, 100).Select(_ => new WixWebhook()).ToList();
        foreach (var answer in await Task.WhenAll(refused.Select(_app.PostAsync)))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
        }

        Assert.False(answerToFirst.IsCompleted);
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));

        _goOn.Set();
        Assert.Equal(HttpStatusCode.OK, (await answerToFirst).StatusCode);
        Assert.All(await Task.WhenAll(waits), result => Assert.Equal((IngestStatus.Committed, DeliveryOutcome.Stored), (result.Status, result.Outcome)));
        Assert.All(await Task.WhenAll(refused.Select(_app.PostAsync)), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));

        await using var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        Assert.Equal(((WixWebhook[])[first, .. waiting, .. refused]).Select(w => w.EventId).Order(), (await database.Deliveries.Select(d => d.EventId).ToListAsync(Stop)).Order());
    }
}
