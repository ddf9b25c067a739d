using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Ingest;

/// <summary>What decoding again gave.</summary>
/// <param name="Decoded">Whether there is an import now.</param>
/// <param name="Message">What happened, in a sentence.</param>
/// <param name="ImportId">The import, when there is one.</param>
public sealed record DecodeAgainResult(bool Decoded, string Message, string? ImportId);

/// <summary>Reads quarantined deliveries once more, for instance after an update that knows a new shape. Goes down the one path, like any sighting.</summary>
public sealed class DecodeAgain(IDbContextFactory<DashboardDb> databases, IngestQueue queue, AuditLog audit)
{
    /// <summary>Decodes one delivery again.</summary>
    /// <exception cref="AccessDeniedException">The reader is no operator, or may not see the delivery's site.</exception>
    public async Task<DecodeAgainResult> RunAsync(Reader reader, long deliveryRowId, CancellationToken cancellation)
    {
        reader.Demand(Role.Operator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var delivery = await database.Deliveries.AsNoTracking().FirstOrDefaultAsync(d => d.RowId == deliveryRowId, cancellation);
        if (delivery is not { Outcome: DeliveryOutcome.Quarantined })
        {
            return new(false, "Only a delivery without a readable import can be decoded again.", null);
        }

        reader.Demand(Role.Operator, delivery.InstanceId);
        await audit.AppendAsync(new(reader.Actor, AuditAction.DecodeAgain, $"delivery:{deliveryRowId}"), cancellation);
        var body = await database.DeliveryBodies.AsNoTracking().Where(b => b.RowId == deliveryRowId).Select(b => b.Body).FirstOrDefaultAsync(cancellation);
        if (body is null)
        {
            return new(false, "Its body is no longer kept.", null);
        }

        var again = WebhookDelivery.Create(delivery.Door, body, delivery.BodyBytes, delivery.ReceivedAt) with { DecodedAgainRowId = deliveryRowId };
        if (again.Observation is null)
        {
            return new(false, again.Cause ?? "There is still no import in it.", null);
        }

        var result = await queue.EnqueueAsync(again, cancellation);
        return result switch
        {
            { Status: IngestStatus.Unavailable } => new(false, "The database is busy or full; try again in a moment.", null),
            { Outcome: DeliveryOutcome.Stored or DeliveryOutcome.Stale } => new(true, "Decoded: the import is in the list.", again.Observation.Import.Id),
            { Outcome: DeliveryOutcome.Duplicate } => new(false, "It was decoded already.", again.Observation.Import.Id),
            _ => new(false, "The import could be read but not stored; the server's log says why.", null),
        };
    }

    /// <summary>Decodes all quarantined deliveries again.</summary>
    /// <returns>How many gave an import.</returns>
    /// <exception cref="AccessDeniedException">The reader is no operator.</exception>
    public async Task<int> RunAllAsync(Reader reader, CancellationToken cancellation)
    {
        reader.Demand(Role.Operator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var kept = await database.Deliveries.Where(d => d.Outcome == DeliveryOutcome.Quarantined).OrderBy(d => d.RowId).Select(d => new { d.RowId, d.InstanceId }).ToListAsync(cancellation);
        var decoded = 0;
        foreach (var rowId in kept.Where(d => reader.MaySee(d.InstanceId)).Select(d => d.RowId))
        {
            decoded += (await RunAsync(reader, rowId, cancellation)).Decoded ? 1 : 0;
        }

        return decoded;
    }
}
