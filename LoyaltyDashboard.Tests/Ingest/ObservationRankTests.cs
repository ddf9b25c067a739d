using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Ingest;

public sealed class ObservationRankTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static readonly Gen<DateTimeOffset?> _time = Gen.Elements<DateTimeOffset?>(null, _then, _then.AddSeconds(1));

    private static readonly Gen<ObservationRank> _rank =
        from revision in Gen.Elements<string?>(null, "1", "9", "10", "01", "word")
        from sequence in Gen.Elements<string?>(null, "1", "2")
        from updated in _time
        from source in Gen.Elements(Enum.GetValues<ObservationSource>())
        from isKnown in Gen.Elements(true, false)
        from hash in Gen.Choose(0, 2)
        select new ObservationRank(revision, sequence, updated, source, isKnown, [(byte)hash]);

    // An answer of the API is no delivery, and tells nothing of an event.
    private static readonly Gen<IngestItem> _sighting =
        from revision in Gen.Elements<string?>(null, "1", "9", "10")
        from sequence in Gen.Elements<string?>(null, "1", "2")
        from updated in _time
        from source in Gen.Elements(Enum.GetValues<ObservationSource>())
        from fileName in Gen.Elements("one.csv", "other.csv")
        from eventId in Gen.Elements<string?>(null, "event-a", "event-b", "52269077-05f2-4b59-ba4f-36ef8c4c1e11")
        from eventTime in _time
        from seenAfter in Gen.Choose(0, 5)
        from status in Gen.Elements("PARSING", "IMPORTED", "MOULDING")
        from slug in Gen.Elements("created", "made")
        from instanceId in Gen.Elements<string?>(null, WixWebhook.Site)
        select Sighting(revision, sequence, updated, source, fileName, status, eventId, eventTime, _then.AddMinutes(seenAfter), slug, instanceId);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Order_is_total() => Prop.ForAll(_rank.Three().ToArbitrary(), ranks =>
    {
        var (a, b, c) = ranks;
        return Math.Sign(a.CompareTo(b)) == -Math.Sign(b.CompareTo(a)) && (a.CompareTo(b) > 0 || b.CompareTo(c) > 0 || a.CompareTo(c) <= 0);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void Revision_counts_before_sequence_before_date_before_door_before_content()
    {
        ObservationRank[] ascending =
        [
            new(null, "9", _then, ObservationSource.Api, true, [9]),
            new("9", null, _then, ObservationSource.Api, true, [9]),
            new("10", null, _then, ObservationSource.Api, true, [9]),
            new("10", "1", null, ObservationSource.Api, true, [9]),
            new("10", "1", _then, ObservationSource.Sdk, true, [9]),
            new("10", "1", _then, ObservationSource.Webhook, true, [9]),
            new("10", "1", _then, ObservationSource.Api, false, [9]),
            new("10", "1", _then, ObservationSource.Api, true, [1]),
            new("10", "1", _then, ObservationSource.Api, true, [2]),
        ];

        Assert.All(ascending.Zip(ascending.Skip(1)), pair => Assert.True(pair.First.CompareTo(pair.Second) < 0, $"{pair}"));
    }

    [Fact]
    public async Task Same_sightings_in_any_order_end_in_the_same_state_and_the_same_history()
    {
        await using var writer = await RunningWriter.StartAsync();
        foreach (var sightings in _sighting.ListOf(3).Sample(120))
        {
            var states = new HashSet<string>();
            foreach (var order in (int[][])[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
            {
                await Task.WhenAll(order.Select(i => writer.WriteAsync(sightings.ElementAt(i) is Delivery delivery ? delivery with { DedupeKey = [(byte)i] } : sightings.ElementAt(i))));
                states.Add(State(writer.Database));
                writer.Database.Execute("DELETE FROM import_texts; DELETE FROM import_documents; DELETE FROM observations; DELETE FROM delivery_bodies; DELETE FROM deliveries; DELETE FROM imports; DELETE FROM sites");
            }

            Assert.Single(states);
        }
    }

    // All that is kept of an import but row numbers and the schedule, which is the matter of whoever asks; the history in its own order.
    private static string State(TempDatabase database) => (string)database.Scalar(
        """
        SELECT json_array(i.Status, i.Revision, i.Updated, i.Arrived, i.LastSeen, i.Gone, i.FileName, i.IsTestEvent, i.EntityEventSequence, i.Source, hex(i.EntityHash), hex(s.InstanceId), CAST(d.Json AS TEXT), CAST(d.EventJson AS TEXT), t.Folded,
            (SELECT json_group_array(Line) FROM (SELECT json_array(Source, Revision, EntityEventSequence, Status, Updated, ObservedAt, LastObservedAt, hex(EntityHash)) AS Line FROM observations ORDER BY Line)))
        FROM imports i LEFT JOIN sites s ON s.RowId = i.SiteRowId JOIN import_documents d ON d.RowId = i.RowId JOIN import_texts t ON t.RowId = i.RowId
        """)!;

    private static IngestItem Sighting(
        string? revision, string? sequence, DateTimeOffset? updated, ObservationSource source, string fileName, string status, string? eventId, DateTimeOffset? eventTime, DateTimeOffset seen, string slug, string? instanceId)
    {
        var import = new LoyaltyImport { Id = "import", Revision = revision, CreatedDate = _then.AddDays(-1), UpdatedDate = updated, Status = status, FileMetadata = new FileMetadata { Name = fileName } };
        if (source == ObservationSource.Api)
        {
            var answered = new ImportObservation { Import = import, Source = source, ObservedAt = seen, InstanceId = WixWebhook.Site };
            return new SiteAnswer { InstanceId = WixWebhook.Site, At = seen, Link = SiteLink.Connected, Observations = [answered] };
        }

        return new Delivery
        {
            Door = DeliveryDoor.Wix,
            ReceivedAt = seen,
            BodyBytes = 1,
            Body = [1],
            DedupeKey = [],
            ContentHash = [1],
            Observation = new ImportObservation
            {
                Import = import,
                Source = source,
                ObservedAt = seen,
                InstanceId = instanceId,
                Event = new EventMetadata { Id = eventId, EventTime = eventTime, Slug = slug, InstanceId = instanceId, EntityEventSequence = sequence },
            },
        };
    }
}
