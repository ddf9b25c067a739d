using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Live;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// The writer's own connection and what it does to the database for one delivery. Only the writer's loop touches it.
/// </summary>
internal sealed class WriterSession : IDisposable
{
    private readonly WriterConnection _connection;
    private readonly SqliteStatement _insertDelivery;
    private readonly SqliteStatement _finishDelivery;
    private readonly SqliteStatement _findFirst;
    private readonly SqliteStatement _giveUpKey;
    private readonly SqliteStatement _insertBody;
    private readonly SqliteStatement _noteAnswer;
    private readonly SqliteStatement _isQuarantined;
    private readonly SqliteStatement _trimRejected;
    private readonly UniqueKeys _deliveryKeys;
    private readonly UniqueKeys _importKeys;
    private readonly SiteStatements _sites;
    private readonly ImportStatements _imports;
    private readonly FollowStatements _following;
    private readonly UpkeepStatements _upkeep;

    public WriterSession(string connectionString)
    {
        _connection = new WriterConnection(connectionString);
        _insertDelivery = _connection.Prepare(
            """
            INSERT INTO deliveries (Door, ReceivedAt, Outcome, Cause, AnswerStatus, AnswerMicroseconds, BodyBytes, EventId, EventType, InstanceId, DedupeKey, ContentHash, ContentDiffers, DuplicateOfRowId, ImportRowId, BodyRemoved, BodyRemovedFor)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """);
        _finishDelivery = _connection.Prepare("UPDATE deliveries SET Outcome = ?2, ImportRowId = ?3, Cause = ?4 WHERE RowId = ?1");
        _findFirst = _connection.Prepare("SELECT ContentHash, ImportRowId, Door, InstanceId FROM deliveries WHERE RowId = ?1 AND DedupeKey = ?2");
        _giveUpKey = _connection.Prepare("UPDATE deliveries SET DedupeKey = NULL WHERE RowId = ?1");
        _insertBody = _connection.Prepare("INSERT INTO delivery_bodies (RowId, Body) VALUES (?1, ?2)");
        _noteAnswer = _connection.Prepare("UPDATE deliveries SET AnswerMicroseconds = ?2 WHERE RowId = ?1");
        _isQuarantined = _connection.Prepare($"SELECT RowId FROM deliveries WHERE RowId = ?1 AND Outcome = {(int)DeliveryOutcome.Quarantined}");
        _trimRejected = _connection.Prepare(
            $"""
            DELETE FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected}
            AND RowId <= (SELECT RowId FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected} ORDER BY RowId DESC LIMIT 1 OFFSET ?1)
            """);
        _deliveryKeys = new UniqueKeys(_connection, "deliveries", "DedupeKey", "delivery_keys");
        _importKeys = new UniqueKeys(_connection, "imports", "Id", ImportKeys.Table);
        _sites = new SiteStatements(_connection);
        _imports = new ImportStatements(_connection, _importKeys);
        _following = new FollowStatements(_connection, _importKeys);
        _upkeep = new UpkeepStatements(_connection, _deliveryKeys, _importKeys);
        Settling = new ListSettling(_connection);
        OldTexts = new OldTexts(_connection);
    }

    /// <inheritdoc cref="WriterConnection.Search"/>
    public SearchIndex Search => _connection.Search;

    /// <summary>The unique keys, which follow the commit: never inside a transaction.</summary>
    public IReadOnlyList<UniqueKeys> Keys => [_deliveryKeys, _importKeys];

    /// <summary>What masks the texts of an older database: never inside a transaction.</summary>
    public OldTexts OldTexts { get; }

    /// <summary>What puts imports into the indexes that follow the commit: never inside a transaction.</summary>
    public ListSettling Settling { get; }

    /// <summary>Begins a transaction that takes the write lock at once, so that it can never fail for having read first.</summary>
    public WriterConnection.Transaction Begin()
    {
        var transaction = _connection.Begin();
        if (_connection.IsChangedByOthers())
        {
            _sites.Forget();
            _imports.Recount();
            _deliveryKeys.Reload();
            _importKeys.Reload();
        }

        return transaction;
    }

    /// <inheritdoc cref="WriterConnection.TryEmptyLog"/>
    public bool TryEmptyLog() => _connection.TryEmptyLog();

    /// <inheritdoc cref="WriterConnection.TendLog"/>
    public void TendLog() => _connection.TendLog();

    /// <summary>Bytes of the database file.</summary>
    public long Bytes
    {
        get
        {
            using var size = _connection.Prepare("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
            return (long)size.Scalar()!;
        }
    }

    /// <summary>Runs a statement once, outside any transaction.</summary>
    public void Execute(string sql)
    {
        using var statement = _connection.Prepare(sql);
        using var rows = statement.Read();
        while (rows.Read())
        {
        }
    }

    /// <summary>Writes one item inside a transaction.</summary>
    /// <param name="item">What to write.</param>
    /// <param name="changed">Collects the imports that look different now, and whose they are.</param>
    /// <returns>What became of it.</returns>
    public IngestResult Apply(IngestItem item, HashSet<ChangedImport> changed)
    {
        switch (item)
        {
            case Delivery delivery:
                (var result, var changedImport) = Apply(delivery);
                if (changedImport is { } isChanged)
                {
                    changed.Add(isChanged);
                }

                return result;
            case SiteAnswer answer:
                Apply(answer, changed);
                break;
            case FollowingStarts start:
                _sites.Start(start);
                break;
            case ClockWentBack clock:
                _sites.ClockWentBack(clock.By);
                break;
            case SiteIsAskedFor asked:
                _sites.AskedFor(asked);
                break;
            case StuckImports stuck:
                changed.UnionWith(stuck.Kept.Where(import => _following.MarkStuck(import, stuck.At)).Select(import => new ChangedImport(import.ImportId, _following.InstanceOf(import.ImportId))));
                break;
            case Upkeep piece:
                _upkeep.Apply(piece, changed);
                if (piece.Site is not null)
                {
                    _sites.Forget();
                }

                break;
            case Chore:
                // Comes between two transactions.
                break;
            default:
                throw new ArgumentException($"The writer does not know how to write {item.GetType().Name}.", nameof(item));
        }

        return new(IngestStatus.Committed, default, 0);
    }

    private (IngestResult Result, ChangedImport? Changed) Apply(Delivery delivery)
    {
        if (delivery.DecodedAgainRowId is { } earlier)
        {
            if (_isQuarantined.Scalar(earlier) is null)
            {
                // Somebody else decoded it first.
                return (new(IngestStatus.Committed, DeliveryOutcome.Duplicate, earlier), null);
            }

            return delivery.Observation is null ? (new(IngestStatus.Committed, delivery.OutcomeWithoutImport, earlier), null) : Store(delivery.Sighting!, _imports.Find(delivery.Sighting!), earlier, isWritten: false);
        }

        if (_deliveryKeys.Find(delivery.Texts.DedupeKey) is { } firstRowId && FindFirst(firstRowId, delivery) is { } first)
        {
            return ApplyDuplicate(delivery, first);
        }

        // With the row that it will have if it is a new import, as nearly all are: a line written once is not changed again.
        var known = delivery.Sighting is { } sighting ? _imports.Find(sighting) : null;
        var importRowId = delivery.Sighting is null ? (long?)null : known?.RowId ?? _imports.NextRowId;
        var outcome = delivery.Observation is null ? delivery.OutcomeWithoutImport : DeliveryOutcome.Stored;
        var rowId = Insert(delivery, outcome, delivery.Texts.DedupeKey, null, importRowId, false);
        InsertBody(rowId, delivery);
        if (delivery is { EventType: WebhookDecoder.AppRemoved, InstanceId: { } instanceId })
        {
            _sites.Removed(instanceId, delivery.ReceivedAt);
        }

        return delivery.Sighting is null ? (new(IngestStatus.Committed, outcome, rowId), null) : Store(delivery.Sighting, known, rowId, isWritten: true);
    }

    /// <summary>Notes how long an answer took.</summary>
    public void NoteAnswer(long rowId, long microseconds) => _noteAnswer.Run(rowId, microseconds);

    /// <summary>Writes the line of a request that was turned away.</summary>
    public void NoteRejected(RejectedDelivery rejected) => _insertDelivery.Run(
        rejected.Door, rejected.ReceivedAt, DeliveryOutcome.Rejected, rejected.Cause, (long)rejected.AnswerStatus, rejected.AnswerMicroseconds, rejected.BodyBytes, null, null, null, null, null, false, null, null, null, null);

    /// <summary>Keeps the newest lines about rejected requests and lets go of the rest: whatever anybody sends, they take a bounded part of the disk.</summary>
    public void TrimRejected(int newest) => _trimRejected.Run((long)newest);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (IDisposable[])[_insertDelivery, _finishDelivery, _findFirst, _giveUpKey, _insertBody, _noteAnswer, _isQuarantined, _trimRejected, _deliveryKeys, _importKeys, _sites, _imports, _following, _upkeep, Settling, OldTexts, _connection])
        {
            statement.Dispose();
        }
    }

    private long Insert(Delivery delivery, DeliveryOutcome outcome, byte[]? dedupeKey, long? duplicateOf, long? importRowId, bool differs)
    {
        _insertDelivery.Run(
            delivery.Door, delivery.ReceivedAt, outcome, delivery.Texts.Cause, 200L, null, delivery.BodyBytes, delivery.Texts.EventId, delivery.Texts.EventType, delivery.InstanceId, dedupeKey, delivery.ContentHash, differs, duplicateOf, importRowId,
            delivery.BodyRemovedFor == RemovalReason.None ? null : delivery.ReceivedAt, delivery.BodyRemovedFor == RemovalReason.None ? null : delivery.BodyRemovedFor);
        var rowId = _connection.LastInsertedRowId;
        if (dedupeKey is not null)
        {
            _deliveryKeys.Add(dedupeKey, rowId);
        }

        return rowId;
    }

    private void InsertBody(long rowId, Delivery delivery)
    {
        if (delivery.PackedBody is { } body)
        {
            _insertBody.Run(rowId, body);
        }
    }

    // Null if that row does not have the key, or is there no more.
    private FirstDelivery? FindFirst(long rowId, Delivery delivery)
    {
        using var reader = _findFirst.Read(rowId, delivery.Texts.DedupeKey);
        if (!reader.Read())
        {
            return null;
        }

        var isSameDoor = (DeliveryDoor)reader.Number(2) == delivery.Door;
        var importRowId = reader.NumberOrNull(1);
        // What two doors hand on of one event is never the same, letter for letter.
        var differs = isSameDoor && (reader.IsNull(0) || !reader.Bytes(0).AsSpan().SequenceEqual(delivery.ContentHash));
        var isForwardOfAnotherSite = (DeliveryDoor)reader.Number(2) == DeliveryDoor.Sdk && reader.TextOrNull(3) != delivery.InstanceId;
        return new(rowId, importRowId, differs, IsLess: delivery.Observation is not null && ((!isSameDoor && importRowId is null) || isForwardOfAnotherSite));
    }

    private (IngestResult Result, ChangedImport? Changed) ApplyDuplicate(Delivery delivery, FirstDelivery first)
    {
        if (first.IsLess)
        {
            // The other door brought nothing that could be read, or a forward of another site took the id of this event: this one is the event, and the key moves to it.
            _giveUpKey.Run(first.RowId);
            var readable = Insert(delivery, DeliveryOutcome.Stored, delivery.Texts.DedupeKey, null, null, false);
            InsertBody(readable, delivery);
            return Store(delivery.Sighting!, _imports.Find(delivery.Sighting!), readable, isWritten: false);
        }

        var rowId = Insert(delivery, DeliveryOutcome.Duplicate, null, first.RowId, first.ImportRowId, first.Differs);
        if (first.Differs)
        {
            InsertBody(rowId, delivery);
        }

        return (new(IngestStatus.Committed, DeliveryOutcome.Duplicate, rowId), null);
    }

    // isWritten: the delivery's line says already that it is stored, and as which import.
    private (IngestResult Result, ChangedImport? Changed) Store(Sighting sighting, KnownImport? known, long deliveryRowId, bool isWritten)
    {
        var observation = sighting.Observation;
        var siteRowId = observation.InstanceId is { } instanceId ? _sites.FindOrAdd(instanceId, observation.ObservedAt) : (long?)null;
        if (observation.Source == ObservationSource.Sdk && siteRowId is not null && known?.SiteRowId is { } owner && owner != siteRowId)
        {
            // A site's own code speaks for that site alone.
            _finishDelivery.Run(deliveryRowId, DeliveryOutcome.Quarantined, null, "The import belongs to another site than the one that forwarded it; nothing was changed.");
            return (new(IngestStatus.Committed, DeliveryOutcome.Quarantined, deliveryRowId), null);
        }

        var stored = _imports.Upsert(sighting, known, siteRowId, deliveryRowId);
        if (siteRowId is { } site)
        {
            _sites.Heard(observation.InstanceId!, site, observation.ObservedAt, observation.Event?.EventTime, stored.NextAsk);
        }

        var outcome = stored.IsNewest ? DeliveryOutcome.Stored : DeliveryOutcome.Stale;
        if (!isWritten || !stored.IsNewest)
        {
            _finishDelivery.Run(deliveryRowId, outcome, stored.RowId, stored.IsNewest ? null : "Older than what was already known; kept in the history.");
        }

        return (new(IngestStatus.Committed, outcome, deliveryRowId), new(observation.Import.Id, InstanceOf(stored, siteRowId, observation)));
    }

    // Nearly always the site that the sighting names.
    private string? InstanceOf(StoredSighting stored, long? siteRowId, ImportObservation observation) =>
        stored.SiteRowId == siteRowId ? observation.InstanceId : _following.InstanceOf(observation.Import.Id);

    private void Apply(SiteAnswer answer, HashSet<ChangedImport> changed)
    {
        var siteRowId = _sites.FindOrAdd(answer.InstanceId, answer.At);
        var (oddAnswers, oddAnswer) = (answer.OddAnswers, answer.Texts.OddAnswer);
        foreach (var sighting in answer.Sightings)
        {
            var observation = sighting.Observation;
            var stored = _imports.Upsert(sighting, _imports.Find(sighting), siteRowId, null);
            if (stored.IsVisible)
            {
                changed.Add(new(observation.Import.Id, stored.SiteRowId == siteRowId ? answer.InstanceId : _following.InstanceOf(observation.Import.Id)));
            }

            if (stored.NewerRevision is { } newer)
            {
                (oddAnswers, oddAnswer) = (oddAnswers + 1, $"Wix showed revision {observation.Import.Revision ?? "(none)"} of an import already seen at revision {newer}.");
            }
        }

        changed.UnionWith(answer.Unknown.Where(importId => _following.NoteUnknown(importId, siteRowId, answer.At)).Select(importId => new ChangedImport(importId, answer.InstanceId)));
        foreach (var (importId, nextAsk) in answer.Postponed)
        {
            _following.Postpone(importId, siteRowId, nextAsk);
        }

        _sites.Answered(siteRowId, answer, oddAnswers, oddAnswer);
    }

    // The delivery that came first with a key, beside the one that comes now. Less: what comes now is the event, and the first was not.
    private readonly record struct FirstDelivery(long RowId, long? ImportRowId, bool Differs, bool IsLess);
}
