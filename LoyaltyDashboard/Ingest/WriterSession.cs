using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>
/// The writer's own connection and what it does to the database for one delivery. Only the writer's loop touches it.
/// </summary>
internal sealed class WriterSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqlStatement _insertDelivery;
    private readonly SqlStatement _finishDelivery;
    private readonly SqlStatement _findFirst;
    private readonly SqlStatement _giveUpKey;
    private readonly SqlStatement _insertBody;
    private readonly SqlStatement _noteAnswer;
    private readonly SqlStatement _isQuarantined;
    private readonly SqlStatement _trimRejected;
    private readonly SiteStatements _sites;
    private readonly ImportStatements _imports;
    private readonly FollowStatements _following;

    public WriterSession(string connectionString)
    {
        _connection = SqliteSetup.Open(connectionString);
        _insertDelivery = new(_connection,
            """
            INSERT INTO deliveries (Door, ReceivedAt, Outcome, Cause, AnswerStatus, AnswerMicroseconds, BodyBytes, EventId, EventType, InstanceId, DedupeKey, ContentHash, ContentDiffers, DuplicateOfRowId, ImportRowId)
            VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11, @12, @13, @14)
            ON CONFLICT (DedupeKey) DO NOTHING RETURNING RowId
            """,
            15);
        _finishDelivery = new(_connection, "UPDATE deliveries SET Outcome = @1, ImportRowId = @2, Cause = @3 WHERE RowId = @0", 4);
        _findFirst = new(_connection, "SELECT RowId, ContentHash, ImportRowId, Door, InstanceId FROM deliveries WHERE DedupeKey = @0", 1);
        _giveUpKey = new(_connection, "UPDATE deliveries SET DedupeKey = NULL WHERE RowId = @0", 1);
        _insertBody = new(_connection, "INSERT INTO delivery_bodies (RowId, Body) VALUES (@0, @1)", 2);
        _noteAnswer = new(_connection, "UPDATE deliveries SET AnswerMicroseconds = @1 WHERE RowId = @0", 2);
        _isQuarantined = new(_connection, $"SELECT RowId FROM deliveries WHERE RowId = @0 AND Outcome = {(int)DeliveryOutcome.Quarantined}", 1);
        _trimRejected = new(
            _connection,
            $"""
            DELETE FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected}
            AND RowId <= (SELECT RowId FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected} ORDER BY RowId DESC LIMIT 1 OFFSET @0)
            """,
            1);
        _sites = new SiteStatements(_connection);
        _imports = new ImportStatements(_connection);
        _following = new FollowStatements(_connection);
    }

    /// <summary>Begins a transaction that takes the write lock at once, so that it can never fail for having read first.</summary>
    public SqliteTransaction Begin() => _connection.BeginTransaction(deferred: false);

    /// <summary>Runs a statement once, outside any transaction.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Writes one item inside a transaction.</summary>
    /// <param name="transaction">The batch.</param>
    /// <param name="item">What to write.</param>
    /// <param name="changed">Collects the ids of imports that look different now.</param>
    /// <returns>What became of it.</returns>
    public IngestResult Apply(SqliteTransaction transaction, IngestItem item, HashSet<string> changed)
    {
        switch (item)
        {
            case Delivery delivery:
                (var result, var changedId) = Apply(transaction, delivery);
                if (changedId is not null)
                {
                    changed.Add(changedId);
                }

                return result;
            case SiteAnswer answer:
                Apply(transaction, answer, changed);
                break;
            case FollowingStarts start:
                _sites.Start(transaction, start);
                break;
            case SiteIsAskedFor asked:
                _sites.AskedFor(transaction, asked);
                break;
            case StuckImports stuck:
                changed.UnionWith(stuck.Imports.Where(import => _following.MarkStuck(transaction, import, stuck.At)).Select(import => import.ImportId));
                break;
            default:
                throw new ArgumentException($"The writer does not know how to write {item.GetType().Name}.", nameof(item));
        }

        return new(IngestStatus.Committed, default, 0);
    }

    private (IngestResult Result, string? ChangedId) Apply(SqliteTransaction transaction, Delivery delivery)
    {
        if (delivery.DecodedAgainRowId is { } earlier)
        {
            if (_isQuarantined.Scalar(transaction, earlier) is null)
            {
                // Somebody else decoded it first.
                return (new(IngestStatus.Committed, DeliveryOutcome.Duplicate, earlier), null);
            }

            return delivery.Observation is null ? (new(IngestStatus.Committed, delivery.OutcomeWithoutImport, earlier), null) : Store(transaction, delivery, earlier);
        }

        var outcome = delivery.Observation is null ? delivery.OutcomeWithoutImport : DeliveryOutcome.Stored;
        if (Insert(transaction, delivery, outcome, delivery.DedupeKey, null, null, false) is not { } rowId)
        {
            return ApplyDuplicate(transaction, delivery);
        }

        _insertBody.Run(transaction, rowId, delivery.Body);
        if (delivery is { EventType: WebhookDecoder.AppRemoved, InstanceId: { } instanceId })
        {
            _sites.Removed(transaction, instanceId, delivery.ReceivedAt);
        }

        return delivery.Observation is null ? (new(IngestStatus.Committed, outcome, rowId), null) : Store(transaction, delivery, rowId);
    }

    /// <summary>Notes how long an answer took.</summary>
    public void NoteAnswer(SqliteTransaction transaction, long rowId, long microseconds) => _noteAnswer.Run(transaction, rowId, microseconds);

    /// <summary>Writes the line of a request that was turned away.</summary>
    public void NoteRejected(SqliteTransaction transaction, RejectedDelivery rejected) => _insertDelivery.Run(
        transaction, rejected.Door, rejected.ReceivedAt, DeliveryOutcome.Rejected, rejected.Cause, (long)rejected.AnswerStatus, rejected.AnswerMicroseconds, rejected.BodyBytes, null, null, null, null, null, false, null, null);

    /// <summary>Keeps the newest lines about rejected requests and lets go of the rest: whatever anybody sends, they take a bounded part of the disk.</summary>
    public void TrimRejected(SqliteTransaction transaction, int newest) => _trimRejected.Run(transaction, (long)newest);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (IDisposable[])[_insertDelivery, _finishDelivery, _findFirst, _giveUpKey, _insertBody, _noteAnswer, _isQuarantined, _trimRejected, _sites, _imports, _following, _connection])
        {
            statement.Dispose();
        }
    }

    private long? Insert(SqliteTransaction transaction, Delivery delivery, DeliveryOutcome outcome, byte[]? dedupeKey, long? duplicateOf, long? importRowId, bool differs) => (long?)_insertDelivery.Scalar(
        transaction, delivery.Door, delivery.ReceivedAt, outcome, delivery.Cause, 200L, null, delivery.BodyBytes, delivery.EventId, delivery.EventType, delivery.InstanceId, dedupeKey, delivery.ContentHash, differs, duplicateOf, importRowId);

    private (IngestResult Result, string? ChangedId) ApplyDuplicate(SqliteTransaction transaction, Delivery delivery)
    {
        long first;
        long? importRowId;
        bool differs;
        bool isTheEvent;
        using (var reader = _findFirst.Read(transaction, delivery.DedupeKey))
        {
            reader.Read();
            first = reader.GetInt64(0);
            var isSameDoor = (DeliveryDoor)reader.GetInt32(3) == delivery.Door;
            // What two doors hand on of one event is never the same, letter for letter.
            differs = isSameDoor && (reader.IsDBNull(1) || !reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(delivery.ContentHash));
            importRowId = reader.IsDBNull(2) ? null : reader.GetInt64(2);
            var isForwardOfAnotherSite = (DeliveryDoor)reader.GetInt32(3) == DeliveryDoor.Sdk && (reader.IsDBNull(4) ? null : reader.GetString(4)) != delivery.InstanceId;
            isTheEvent = delivery.Observation is not null && ((!isSameDoor && importRowId is null) || isForwardOfAnotherSite);
        }

        if (isTheEvent)
        {
            // The other door brought nothing that could be read, or a forward of another site took the id of this event: this one is the event, and the key moves to it.
            _giveUpKey.Run(transaction, first);
            var readable = Insert(transaction, delivery, DeliveryOutcome.Stored, delivery.DedupeKey, null, null, false)!.Value;
            _insertBody.Run(transaction, readable, delivery.Body);
            return Store(transaction, delivery, readable);
        }

        var rowId = Insert(transaction, delivery, DeliveryOutcome.Duplicate, null, first, importRowId, differs)!.Value;
        if (differs)
        {
            _insertBody.Run(transaction, rowId, delivery.Body);
        }

        return (new(IngestStatus.Committed, DeliveryOutcome.Duplicate, rowId), null);
    }

    private (IngestResult Result, string? ChangedId) Store(SqliteTransaction transaction, Delivery delivery, long deliveryRowId)
    {
        var observation = delivery.Observation!;
        var siteRowId = observation.InstanceId is { } instanceId ? _sites.FindOrAdd(transaction, instanceId, observation.ObservedAt) : (long?)null;
        if (observation.Source == ObservationSource.Sdk && siteRowId is not null && _imports.SiteOf(transaction, observation.Import.Id) is { } owner && owner != siteRowId)
        {
            // A site's own code speaks for that site alone.
            _finishDelivery.Run(transaction, deliveryRowId, DeliveryOutcome.Quarantined, null, "The import belongs to another site than the one that forwarded it; nothing was changed.");
            return (new(IngestStatus.Committed, DeliveryOutcome.Quarantined, deliveryRowId), null);
        }

        var stored = _imports.Upsert(transaction, observation, siteRowId, deliveryRowId);
        if (siteRowId is { } site)
        {
            _sites.Heard(transaction, site, observation.ObservedAt, observation.Event?.EventTime, stored.NextAsk);
        }

        var outcome = stored.IsNewest ? DeliveryOutcome.Stored : DeliveryOutcome.Stale;
        _finishDelivery.Run(transaction, deliveryRowId, outcome, stored.RowId, stored.IsNewest ? null : "Older than what was already known; kept in the history.");
        return (new(IngestStatus.Committed, outcome, deliveryRowId), observation.Import.Id);
    }

    private void Apply(SqliteTransaction transaction, SiteAnswer answer, HashSet<string> changed)
    {
        var siteRowId = _sites.FindOrAdd(transaction, answer.InstanceId, answer.At);
        var (oddAnswers, oddAnswer) = (answer.OddAnswers, answer.OddAnswer);
        foreach (var observation in answer.Observations)
        {
            var stored = _imports.Upsert(transaction, observation, siteRowId, null);
            if (stored.IsVisible)
            {
                changed.Add(observation.Import.Id);
            }

            if (stored.NewerRevision is { } newer)
            {
                (oddAnswers, oddAnswer) = (oddAnswers + 1, $"Wix showed revision {observation.Import.Revision ?? "(none)"} of an import already seen at revision {newer}.");
            }
        }

        changed.UnionWith(answer.Unknown.Where(importId => _following.NoteUnknown(transaction, importId, siteRowId, answer.At)));
        foreach (var (importId, nextAsk) in answer.Postponed)
        {
            _following.Postpone(transaction, importId, siteRowId, nextAsk);
        }

        _sites.Answered(transaction, siteRowId, answer, oddAnswers, oddAnswer);
    }
}
