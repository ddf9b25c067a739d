using System.Collections;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Queries;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class ImportWriterTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_that_waits_is_one_batch_and_is_published_once()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var calls = new CallsOf<FeedChanges>();
        await using var subscription = writer.Imports.Subscribe(calls.NoteAsync);
        var webhooks = Enumerable.Range(0, 150).Select(_ => new WixWebhook()).ToList();
        var waits = webhooks.Select(w => writer.WriteAsync(w.ToDelivery(_then))).ToList();

        await writer.Writer.StartAsync(Stop);

        Assert.All(await Task.WhenAll(waits), result => Assert.Equal((IngestStatus.Committed, DeliveryOutcome.Stored), (result.Status, result.Outcome)));
        Assert.Equal(webhooks.Select(w => w.ImportId).Order(), (await calls.NextAsync(Stop)).Ids.Order());
        Assert.Empty(writer.Log.All);
    }

    [Fact]
    public async Task More_than_a_batch_is_written_in_several()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var waits = Enumerable.Range(0, (2 * ImportWriter.MostPerBatch) + 1).Select(_ => writer.WriteAsync(new WixWebhook().ToDelivery(_then))).ToList();

        await writer.Writer.StartAsync(Stop);

        Assert.Equal(waits.Count, (await Task.WhenAll(waits)).Select(r => r.DeliveryRowId).Distinct().Count());
        Assert.Equal(waits.Count, await writer.Queries.CountAsync(Reader.System, ImportFilter.Default, Stop));
    }

    [Fact]
    public async Task Same_event_twice_in_one_batch_is_a_duplicate()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var delivery = new WixWebhook().ToDelivery(_then);
        var waits = new[] { writer.WriteAsync(delivery), writer.WriteAsync(delivery) };

        await writer.Writer.StartAsync(Stop);

        Assert.Equal([DeliveryOutcome.Stored, DeliveryOutcome.Duplicate], (await Task.WhenAll(waits)).Select(r => r.Outcome));
    }

    [Fact]
    public async Task Poisoned_item_hurts_only_itself_and_is_kept_for_decoding_again()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var good = Enumerable.Range(0, 4).Select(_ => new WixWebhook()).ToList();
        var poison = Poisoned(new WixWebhook().ToDelivery(_then));
        var waits = ((Delivery[])[good[0].ToDelivery(_then), good[1].ToDelivery(_then), poison, good[2].ToDelivery(_then), good[3].ToDelivery(_then)]).Select(writer.WriteAsync).ToList();

        await writer.Writer.StartAsync(Stop);

        var results = await Task.WhenAll(waits);
        Assert.Equal(
            [DeliveryOutcome.Stored, DeliveryOutcome.Stored, DeliveryOutcome.Quarantined, DeliveryOutcome.Stored, DeliveryOutcome.Stored], results.Select(r => r.Outcome));
        Assert.All(good, webhook => Assert.NotNull(writer.Queries.FindAsync(Reader.System, webhook.ImportId, Stop).Result));
        Assert.Equal("The import could not be stored; its body is kept.", (await writer.DeliveryQueries.FindAsync(Reader.System, results[2].DeliveryRowId, Stop))!.Cause);
        Assert.NotNull(await writer.DeliveryQueries.BodyAsync(Reader.System, results[2].DeliveryRowId, Stop));
    }

    [Fact]
    public async Task Poisoned_item_alone_does_not_stop_the_loop()
    {
        await using var writer = await RunningWriter.StartAsync();

        Assert.Equal(DeliveryOutcome.Quarantined, (await writer.WriteAsync(Poisoned(new WixWebhook().ToDelivery(_then)))).Outcome);
        Assert.Equal(DeliveryOutcome.Stored, (await writer.WriteAsync(new WixWebhook().ToDelivery(_then))).Outcome);
    }

    [Fact]
    public async Task Full_database_is_unavailable_at_once_and_recovers_when_there_is_room()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var webhook = new WixWebhook { FileName = new string('x', 200_000) };
        writer.LimitPages(1);
        await writer.Writer.StartAsync(Stop);

        // The clock stands still: whatever is answered is answered without waiting.
        var refused = await Task.WhenAll(writer.WriteAsync(webhook.ToDelivery(_then)), writer.WriteAsync(new WixWebhook { FileName = webhook.FileName }.ToDelivery(_then)));
        writer.LimitPages(1_000_000);
        var accepted = await writer.WriteAsync(webhook.ToDelivery(_then));

        Assert.Equal([IngestStatus.Unavailable, IngestStatus.Unavailable], refused.Select(r => r.Status));
        Assert.Equal((IngestStatus.Committed, DeliveryOutcome.Stored), (accepted.Status, accepted.Outcome));
        Assert.Contains(writer.Log.All, line => line.Level == LogLevel.Error && line.Text.Contains("full"));
    }

    [Fact]
    public async Task Refused_batch_is_not_published()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var calls = new CallsOf<FeedChanges>();
        await using var subscription = writer.Imports.Subscribe(calls.NoteAsync);
        writer.LimitPages(1);
        await writer.Writer.StartAsync(Stop);
        Assert.Equal(IngestStatus.Unavailable, (await writer.WriteAsync(new WixWebhook { FileName = new string('x', 200_000) }.ToDelivery(_then))).Status);
        writer.LimitPages(1_000_000);

        var stored = new WixWebhook();
        await writer.WriteAsync(stored.ToDelivery(_then));

        Assert.Equal([stored.ImportId], (await calls.NextAsync(Stop)).Ids);
    }

    [Fact]
    public async Task What_is_published_can_be_read_already()
    {
        await using var writer = await RunningWriter.StartAsync();
        var found = new TaskCompletionSource<bool>();
        await using var subscription = writer.Imports.Subscribe(async changes => found.SetResult(await writer.Queries.FindAsync(Reader.System, changes.Ids.Single(), Stop) is not null));

        await writer.WriteAsync(new WixWebhook().ToDelivery(_then));

        Assert.True(await found.Task.WaitAsync(Stop));
    }

    [Fact]
    public async Task Cancelled_waiter_is_written_all_the_same()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        using var cancelled = new CancellationTokenSource();
        var webhook = new WixWebhook();
        var wait = writer.Queue.EnqueueAsync(webhook.ToDelivery(_then), cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);

        await writer.Writer.StartAsync(Stop);
        await writer.WriteAsync(new WixWebhook().ToDelivery(_then));

        Assert.NotNull(await writer.Queries.FindAsync(Reader.System, webhook.ImportId, Stop));
    }

    [Fact]
    public async Task Rows_refer_only_to_rows_that_are_there()
    {
        await using var writer = await RunningWriter.StartAsync();
        var webhook = new WixWebhook();
        await writer.WriteAsync(webhook.ToDelivery(_then));
        await writer.WriteAsync(webhook.ToDelivery(_then));
        await writer.WriteAsync((webhook with { EventId = "another", Revision = "2", InstanceId = "another-site" }).ToDelivery(_then));
        await writer.WriteAsync((webhook with { EventId = "late", Revision = "0" }).ToDelivery(_then));
        await writer.WriteAsync((webhook with { EventId = "other", EventType = "AppRemoved" }).ToDelivery(_then));
        await writer.WriteAsync(Poisoned(new WixWebhook().ToDelivery(_then)));

        // The writer itself is not checked while it writes.
        Assert.Null(writer.Database.Scalar("PRAGMA foreign_key_check"));
        Assert.Equal(6L, writer.Database.Scalar("SELECT COUNT(*) FROM deliveries"));
    }

    [Fact]
    public async Task Stop_finishes_what_was_accepted_and_refuses_what_comes_after()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        var waits = Enumerable.Range(0, 1_500).Select(_ => writer.WriteAsync(new WixWebhook().ToDelivery(_then))).ToList();
        await writer.Writer.StartAsync(Stop);

        await writer.Writer.StopAsync(Stop);

        Assert.Equal(1_500, await writer.Queries.CountAsync(Reader.System, ImportFilter.Default, Stop));
        Assert.All(await Task.WhenAll(waits), result => Assert.Equal(IngestStatus.Committed, result.Status));
        Assert.Equal(IngestStatus.Unavailable, (await writer.WriteAsync(new WixWebhook().ToDelivery(_then))).Status);
    }

    [Fact]
    public async Task Stop_writes_the_lines_that_still_wait()
    {
        await using var writer = await RunningWriter.StartAsync();
        writer.Queue.NoteRejected(new RejectedDelivery(DeliveryDoor.Wix, _then, 5, 401, "cause", 1));

        await writer.Writer.StopAsync(Stop);

        Assert.Equal(["cause"], (await writer.DeliveryQueries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.Cause));
    }

    [Fact]
    public async Task Side_notes_ride_with_the_next_batch()
    {
        await using var writer = await RunningWriter.PrepareAsync();
        writer.Queue.NoteRejected(new RejectedDelivery(DeliveryDoor.Wix, _then, 5, 401, "cause", 1));
        var wait = writer.WriteAsync(new WixWebhook().ToDelivery(_then));
        await writer.Writer.StartAsync(Stop);
        await wait;

        Assert.Equal([DeliveryOutcome.Rejected, DeliveryOutcome.Stored], (await writer.DeliveryQueries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.Outcome));
    }

    [Fact]
    public async Task Side_notes_without_a_batch_are_written_after_a_second()
    {
        await using var writer = await RunningWriter.StartAsync();
        var calls = new CallsOf<bool>();
        await using var subscription = writer.Deliveries.Subscribe(() => calls.NoteAsync(true));
        await writer.Time.SomebodyWaitsAsync(Stop);
        writer.Queue.NoteRejected(new RejectedDelivery(DeliveryDoor.Wix, _then, 5, 401, "cause", 1));

        writer.Time.Advance(TimeSpan.FromSeconds(1));
        await calls.NextAsync(Stop);

        Assert.Equal(["cause"], (await writer.DeliveryQueries.PageAsync(Reader.System, [], 1, 10, Stop)).Deliveries.Select(d => d.Cause));
    }

    [Fact]
    public async Task Time_to_answer_is_noted_with_the_delivery()
    {
        await using var writer = await RunningWriter.StartAsync();
        var first = await writer.WriteAsync(new WixWebhook().ToDelivery(_then));
        writer.Queue.NoteAnswer(first.DeliveryRowId, 1_234);

        await writer.WriteAsync(new WixWebhook().ToDelivery(_then));

        Assert.Equal(1_234, (await writer.DeliveryQueries.FindAsync(Reader.System, first.DeliveryRowId, Stop))!.AnswerMicroseconds);
    }

    // Writing this import's headings throws, as a fault of ours would.
    private static Delivery Poisoned(Delivery delivery) => delivery with
    {
        Observation = delivery.Observation! with { Import = delivery.Observation.Import with { FileMetadata = new FileMetadata { Header = new FileHeader { Values = new BrokenList() } } } },
    };

    private sealed class BrokenList : IReadOnlyList<string>
    {
        public int Count => throw new InvalidOperationException("poison");

        public string this[int index] => throw new InvalidOperationException("poison");

        public IEnumerator<string> GetEnumerator() => throw new InvalidOperationException("poison");

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
