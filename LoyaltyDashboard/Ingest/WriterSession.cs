using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
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
    private readonly SqlStatement _insertBody;
    private readonly SqlStatement _insertSite;
    private readonly SqlStatement _findSite;
    private readonly SqlStatement _insertObservation;
    private readonly SqlStatement _noteAnswer;
    private readonly SqlStatement _isQuarantined;
    private readonly SqlStatement _trimRejected;
    private readonly ImportStatements _imports;

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
        _findFirst = new(_connection, "SELECT RowId, ContentHash, ImportRowId FROM deliveries WHERE DedupeKey = @0", 1);
        _insertBody = new(_connection, "INSERT INTO delivery_bodies (RowId, Body) VALUES (@0, @1)", 2);
        _insertSite = new(_connection, "INSERT INTO sites (InstanceId, FirstSeen) VALUES (@0, @1) ON CONFLICT (InstanceId) DO NOTHING RETURNING RowId", 2);
        _findSite = new(_connection, "SELECT RowId FROM sites WHERE InstanceId = @0", 1);
        _insertObservation = new(_connection,
            """
            INSERT INTO observations (ImportRowId, Source, Revision, EntityEventSequence, Status, Updated, ObservedAt, EntityHash, ParsedRowCount, SuccessCount, FailureCount, DeliveryRowId)
            VALUES (@0, @1, @2, @3, @4, @5, @6, @7, @8, @9, @10, @11)
            """,
            12);
        _noteAnswer = new(_connection, "UPDATE deliveries SET AnswerMicroseconds = @1 WHERE RowId = @0", 2);
        _isQuarantined = new(_connection, $"SELECT RowId FROM deliveries WHERE RowId = @0 AND Outcome = {(int)DeliveryOutcome.Quarantined}", 1);
        _trimRejected = new(
            _connection,
            $"""
            DELETE FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected}
            AND RowId <= (SELECT RowId FROM deliveries WHERE Outcome = {(int)DeliveryOutcome.Rejected} ORDER BY RowId DESC LIMIT 1 OFFSET @0)
            """,
            1);
        _imports = new ImportStatements(_connection);
    }

    /// <summary>Begins a transaction that takes the write lock at once, so that it can never fail for having read first.</summary>
    public SqliteTransaction Begin() => _connection.BeginTransaction(deferred: false);

    /// <summary>Writes one delivery inside a transaction.</summary>
    /// <returns>What became of it, and the id of the import that changed, if one did.</returns>
    public (IngestResult Result, string? ChangedId) Apply(SqliteTransaction transaction, Delivery delivery)
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
            return (ApplyDuplicate(transaction, delivery), null);
        }

        _insertBody.Run(transaction, rowId, delivery.Body);
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
        foreach (var statement in (IDisposable[])[_insertDelivery, _finishDelivery, _findFirst, _insertBody, _insertSite, _findSite, _insertObservation, _noteAnswer, _isQuarantined, _trimRejected, _imports, _connection])
        {
            statement.Dispose();
        }
    }

    private long? Insert(SqliteTransaction transaction, Delivery delivery, DeliveryOutcome outcome, byte[]? dedupeKey, long? duplicateOf, long? importRowId, bool differs) => (long?)_insertDelivery.Scalar(
        transaction, delivery.Door, delivery.ReceivedAt, outcome, delivery.Cause, 200L, null, delivery.BodyBytes, delivery.EventId, delivery.EventType, delivery.InstanceId, dedupeKey, delivery.ContentHash, differs, duplicateOf, importRowId);

    private IngestResult ApplyDuplicate(SqliteTransaction transaction, Delivery delivery)
    {
        long first;
        long? importRowId;
        bool differs;
        using (var reader = _findFirst.Read(transaction, delivery.DedupeKey))
        {
            reader.Read();
            first = reader.GetInt64(0);
            differs = reader.IsDBNull(1) || !reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(delivery.ContentHash);
            importRowId = reader.IsDBNull(2) ? null : reader.GetInt64(2);
        }

        var rowId = Insert(transaction, delivery, DeliveryOutcome.Duplicate, null, first, importRowId, differs)!.Value;
        if (differs)
        {
            _insertBody.Run(transaction, rowId, delivery.Body);
        }

        return new(IngestStatus.Committed, DeliveryOutcome.Duplicate, rowId);
    }

    private (IngestResult Result, string? ChangedId) Store(SqliteTransaction transaction, Delivery delivery, long deliveryRowId)
    {
        var observation = delivery.Observation!;
        var siteRowId = observation.InstanceId is { } instanceId ? FindOrAddSite(transaction, instanceId, observation.ObservedAt) : null;
        var json = ImportJson.Write(observation.Import);
        var hash = System.Security.Cryptography.SHA256.HashData(json);
        var (importRowId, isNewest) = _imports.Upsert(transaction, observation, json, hash, siteRowId, deliveryRowId);
        var import = observation.Import;
        _insertObservation.Run(
            transaction, importRowId, observation.Source, import.Revision, observation.Event?.EntityEventSequence, import.Status, import.UpdatedDate, observation.ObservedAt, hash,
            import.ParseResult?.ParsedRowCount, import.ImportResult?.SuccessCount, import.ImportResult?.FailureCount, deliveryRowId);
        var outcome = isNewest ? DeliveryOutcome.Stored : DeliveryOutcome.Stale;
        _finishDelivery.Run(transaction, deliveryRowId, outcome, importRowId, isNewest ? null : "Older than what was already known; kept in the history.");
        return (new(IngestStatus.Committed, outcome, deliveryRowId), import.Id);
    }

    private long? FindOrAddSite(SqliteTransaction transaction, string instanceId, DateTimeOffset now)
    {
        var key = IdKey.Pack(instanceId);
        return (long?)_findSite.Scalar(transaction, key) ?? (long?)_insertSite.Scalar(transaction, key, now);
    }
}
