using System.Net;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace LoyaltyDashboard.Tests.Webhooks;

/// <summary>
/// The whole program on a database that may not grow: SQLite refuses then as it does on a full disk. The clock stands still, so whatever is answered is answered without waiting for it.
/// </summary>
public sealed class FullDatabaseTests : IDisposable
{
    private readonly DashboardApp _app;
    private volatile bool _hasRoom;

    public FullDatabaseTests() => _app = DashboardApp.Start(new FakeTimeProvider(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero)), services: services => services.ReplaceWriter(Open));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => ((IDisposable)_app).Dispose();

    [Fact]
    public async Task Full_database_is_answered_503_at_once_and_what_was_refused_is_stored_once_when_there_is_room()
    {
        var (stored, refused) = await FillAsync();
        Assert.NotEmpty(stored);
        refused.AddRange(Enumerable.Range(0, 8).Select(_ => new WixWebhook { FileName = new string('x', 200_000) }));
        foreach (var answer in await Task.WhenAll(refused.Select(_app.PostAsync)))
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("/health/ready"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/live"));
        Assert.Contains(_app.Warnings, line => line.Contains("The database refused a batch", StringComparison.Ordinal) && line.Contains("full", StringComparison.Ordinal));
        await HoldsJustAsync(stored);

        _hasRoom = true;
        foreach (var webhook in refused)
        {
            Assert.Equal(HttpStatusCode.OK, (await _app.PostAsync(webhook)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("/health/ready"));
        await HoldsJustAsync([.. stored, .. refused]);
    }

    // It may not grow, but what its pages have room for is stored.
    private async Task<(List<WixWebhook> Stored, List<WixWebhook> Refused)> FillAsync()
    {
        var stored = new List<WixWebhook>();
        while (stored.Count < 10_000)
        {
            var webhook = new WixWebhook();
            if ((await _app.PostAsync(webhook)).StatusCode != HttpStatusCode.OK)
            {
                return (stored, [webhook]);
            }

            stored.Add(webhook);
        }

        throw new InvalidOperationException("The database does not run full.");
    }

    private async Task HoldsJustAsync(IReadOnlyCollection<WixWebhook> webhooks)
    {
        await using var database = await _app.Services.GetRequiredService<IDbContextFactory<DashboardDb>>().CreateDbContextAsync(Stop);
        Assert.Equal(["ok"], await database.Database.SqlQueryRaw<string>("PRAGMA integrity_check").ToListAsync(Stop));
        Assert.Equal(webhooks.Select(w => w.EventId).Order(), (await database.Deliveries.Select(d => d.EventId).ToListAsync(Stop)).Order());
        Assert.Equal(webhooks.Select(w => w.ImportId).Order(), (await database.Imports.Select(i => i.Id).ToListAsync(Stop)).Order());
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await _app.Client.GetAsync(path, Stop);
        return answer.StatusCode;
    }

    private WriterSession Open(string connectionString)
    {
        var session = new WriterSession(connectionString);
        if (!_hasRoom)
        {
            // No fewer than it has.
            session.Execute("PRAGMA max_page_count=1");
        }

        return session;
    }
}
