using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Writes the audit log. Lines that come while others are written wait and share the next transaction; nobody goes on before their line is on the disk, and whoever cannot be audited
/// fails. It has a connection of its own, for there is something to audit while the writer of the imports is stopped, too.
/// </summary>
public sealed class AuditLog(SqliteConnectionStringBuilder connection, AuditChain chain, PersonalHash hashes, TimeProvider time, ILogger<AuditLog> logger)
{
    private readonly Lock _gate = new();
    private List<Waiting> _waiting = [];
    private bool _isWriting;

    /// <summary>Adds a line and returns once it is durable. Addresses in what it says are replaced by keyed hashes, whoever wrote them there.</summary>
    /// <exception cref="SqliteException">It could not be stored: what was to be audited must not happen.</exception>
    /// <exception cref="IOException">The key could not be read, as above.</exception>
    public Task AppendAsync(AuditEntry entry, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var waiting = new Waiting(
            entry with { Subject = entry.Subject is null ? null : hashes.Without(entry.Subject), Detail = entry.Detail is null ? null : hashes.Without(entry.Detail) },
            new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            _waiting.Add(waiting);
            if (!_isWriting)
            {
                _isWriting = true;
                _ = Task.Run(WriteAll, CancellationToken.None);
            }
        }

        // Giving up the wait does not give up the line.
        return waiting.Done.Task.WaitAsync(cancellation);
    }

    private void WriteAll()
    {
        while (true)
        {
            List<Waiting> batch;
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _isWriting = false;
                    return;
                }

                (batch, _waiting) = (_waiting, []);
            }

            try
            {
                NoteHead(Write(batch));
                batch.ForEach(waiting => waiting.Done.TrySetResult());
            }
            catch (Exception exception)
            {
                logger.LogError("The audit log could not be written, so what was to be audited was refused: {Reason}", exception.Message);
                batch.ForEach(waiting => waiting.Done.TrySetException(exception));
            }
        }
    }

    private AuditHead Write(List<Waiting> batch)
    {
        using var database = SqliteSetup.Open(connection.ConnectionString);
        using var transaction = ImmediateTransaction.Begin(database);
        AuditHead last;
        using (var newest = new SqliteStatement(database.Handle!, "SELECT RowId, Hash FROM audit ORDER BY RowId DESC LIMIT 1"))
        {
            using var rows = newest.Read();
            last = rows.Read() ? new(rows.Number(0), rows.Bytes(1)) : new(0, AuditChain.Beginning);
        }

        using var insert = new SqliteStatement(database.Handle!, "INSERT INTO audit (RowId, At, Actor, Action, Subject, Detail, Hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        var now = time.GetUtcNow();
        foreach (var entry in (IEnumerable<AuditEntry>)[.. Gap(last), .. batch.Select(waiting => waiting.Entry)])
        {
            var line = new AuditRecord { RowId = last.RowId + 1, At = now, Actor = entry.Actor, Action = entry.Action, Subject = entry.Subject, Detail = entry.Detail, Hash = [] };
            last = new(line.RowId, chain.Hash(last.Hash, line));
            insert.Run(line.RowId, line.At, line.Actor, line.Action, line.Subject, line.Detail, last.Hash);
        }

        transaction.Commit();
        return last;
    }

    // The next note of the newest line would hide that lines are gone. So the log says it itself, once, in a line of its own.
    private IEnumerable<AuditEntry> Gap(AuditHead last)
    {
        if (chain.Head() is { } head && head.RowId > last.RowId)
        {
            logger.LogWarning("The audit log ends at line {Last}, but had {Noted} lines: an older database was put in its place, or its end was cut off", last.RowId, head.RowId);
            yield return new(AuditEntry.Program, AuditAction.Gap, null, $"lines {last.RowId + 1} to {head.RowId} are gone; the last had the hash {Convert.ToHexStringLower(head.Hash)}");
        }
    }

    // The lines are safe without it: it may lag behind.
    private void NoteHead(AuditHead head)
    {
        try
        {
            chain.NoteHead(head);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("The newest line of the audit log could not be noted beside the database: {Reason}", exception.Message);
        }
    }

    private sealed record Waiting(AuditEntry Entry, TaskCompletionSource Done);
}
