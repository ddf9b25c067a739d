using LoyaltyDashboard.Access;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Retention;

/// <summary>What an administrator deletes is gone from lists, search and keys; the same event makes it anew.</summary>
public sealed class DeleteImportsTests : IAsyncLifetime
{
    private const string Elsewhere = "f1a2b3c4-0001-4002-8003-000000000002";

    private Removals _all = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _all = await Removals.StartAsync();

    public ValueTask DisposeAsync() => _all.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_import_goes_with_all_of_it_and_may_come_again(bool isSettled)
    {
        var webhook = new WixWebhook { ImportId = "one", EventId = "event", FileName = "gone.csv" };
        await ArriveAsync(webhook);
        await ArriveAsync(webhook);
        await ArriveAsync(new WixWebhook { ImportId = "two", FileName = "stays.csv" });
        if (isSettled)
        {
            await _all.CatchUpSearchAsync();
            await _all.WriteAsync(new SettleKeys());
        }

        Assert.False(await _all.Delete.OneAsync(Removals.Administrator, "three", Stop));
        Assert.True(await _all.Delete.OneAsync(Removals.Administrator, "one", Stop));

        Assert.Null(await _all.Queries.FindAsync(Reader.System, "one", Stop));
        await _all.CatchUpSearchAsync();
        Assert.Equal(["two"], (await _all.Queries.PageAsync(Reader.System, ImportFilter.Default with { Q = ".csv" }, 1, 10, Stop)).Rows.Select(row => row.Id));
        foreach (var table in (string[])["imports", "import_documents", "import_texts", "observations", "deliveries", "delivery_bodies"])
        {
            Assert.Equal((table, 1), (table, _all.Count(table)));
        }

        Assert.Equal(isSettled ? 1 : 0, _all.Count("import_keys"));
        Assert.Equal(["user:1 delete import:one "], await _all.AuditedAsync());

        Assert.Equal(DeliveryOutcome.Stored, (await ArriveAsync(webhook)).Outcome);
        Assert.NotNull(await _all.Queries.FindAsync(Reader.System, "one", Stop));
        await _all.CatchUpSearchAsync();
        _all.Database.Execute("INSERT INTO import_search(import_search, rank) VALUES ('integrity-check', 1)");
    }

    [Fact]
    public async Task Pages_are_told()
    {
        await ArriveAsync(new WixWebhook { ImportId = "one" });
        var told = new TaskCompletionSource<IReadOnlyCollection<string>?>();
        await using var subscription = _all.Imports.Subscribe(changes =>
        {
            told.TrySetResult(changes.Ids);
            return Task.CompletedTask;
        });

        await _all.Delete.OneAsync(Removals.Administrator, "one", Stop);

        while (!told.Task.IsCompleted)
        {
            _all.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(["one"], (await told.Task)!);
    }

    [Fact]
    public async Task Test_events_go_and_nothing_else()
    {
        await ArriveAsync(new WixWebhook { ImportId = "test", EventId = WebhookDecoder.TestEventId });
        await ArriveAsync(new WixWebhook { ImportId = "one" });

        Assert.Equal(1, await _all.Delete.TestEventsAsync(Removals.Administrator, Stop));

        Assert.Equal((1, 1), (_all.Count("imports"), _all.Count("deliveries")));
        Assert.NotNull(await _all.Queries.FindAsync(Reader.System, "one", Stop));
    }

    [Fact]
    public async Task Site_goes_only_once_it_has_uninstalled_the_app()
    {
        for (var i = 0; i < 70; i++)
        {
            await ArriveAsync(new WixWebhook { ImportId = $"import {i}" });
        }

        await ArriveAsync(new WixWebhook { ImportId = "elsewhere", InstanceId = Elsewhere });
        Assert.Null(await _all.Delete.SiteAsync(Removals.Administrator, WixWebhook.Site, Stop));
        Assert.Null(await _all.Delete.SiteAsync(Removals.Administrator, "no such site", Stop));
        Assert.Equal((71, 0), (_all.Count("imports"), (await _all.AuditedAsync()).Count));

        await ArriveAsync(new WixWebhook { EventType = WebhookDecoder.AppRemoved });
        Assert.Equal(70, await _all.Delete.SiteAsync(Removals.Administrator, WixWebhook.Site, Stop));

        Assert.Equal((1, 1, 1), (_all.Count("imports"), _all.Count("deliveries"), _all.Count("sites")));
        Assert.NotNull(await _all.Queries.FindAsync(Reader.System, "elsewhere", Stop));
        Assert.Equal([$"user:1 delete site:{WixWebhook.Site} "], await _all.AuditedAsync());

        // Installed again, it is a site like any other.
        Assert.Equal(DeliveryOutcome.Stored, (await ArriveAsync(new WixWebhook { ImportId = "import 1" })).Outcome);
        Assert.Equal(2, _all.Count("sites"));
    }

    [Fact]
    public async Task It_takes_an_administrator()
    {
        var reader = Removals.Administrator with { Role = Role.Operator };
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Delete.OneAsync(reader, "one", Stop));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Delete.TestEventsAsync(reader, Stop));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _all.Delete.SiteAsync(reader, WixWebhook.Site, Stop));
        Assert.Empty(await _all.AuditedAsync());
    }

    private Task<IngestResult> ArriveAsync(WixWebhook webhook) => _all.WriteAsync(webhook.ToDelivery(_all.Time.GetUtcNow()));

    private sealed record SettleKeys : Chore
    {
        internal override void Run(WriterSession session)
        {
            foreach (var keys in session.Keys)
            {
                while (keys.Step())
                {
                }
            }
        }
    }
}
