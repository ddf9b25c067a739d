using System.Runtime.CompilerServices;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Access;

/// <summary>Which lines of the audit log are wanted; null: all.</summary>
/// <param name="Action">One of <see cref="AuditAction"/>; all but that one, with <see cref="AuditAction.Not"/> before it.</param>
/// <param name="Actor">As <see cref="Reader.Actor"/>.</param>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
public sealed record AuditFilter(string? Action = null, string? Actor = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>Reads the audit log, for administrators.</summary>
public sealed class AuditQueries(IDbContextFactory<DashboardDb> databases)
{
    private const int LinesPerPiece = 500;

    /// <summary>A page of lines, newest first.</summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="filter">Which lines.</param>
    /// <param name="before">Only lines older than this one, the last of the page before; null for the first page.</param>
    /// <param name="count">So many at most.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<IReadOnlyList<AuditRecord>> PageAsync(Reader reader, AuditFilter filter, long? before, int count, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Lines(database, filter, before).Take(count).ToListAsync(cancellation);
    }

    /// <summary>All lines, newest first, for an export. Read in pieces, so that a slow reader holds nothing.</summary>
    /// <inheritdoc cref="PageAsync"/>
    public async IAsyncEnumerable<AuditRecord> AllAsync(Reader reader, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long? before = null;
        IReadOnlyList<AuditRecord> piece;
        do
        {
            piece = await PageAsync(reader, filter, before, LinesPerPiece, cancellation);
            foreach (var line in piece)
            {
                yield return line;
                before = line.RowId;
            }
        }
        while (piece.Count == LinesPerPiece);
    }

    /// <summary>Everybody who stands in the log, for a menu.</summary>
    /// <exception cref="AccessDeniedException">They are no administrator of all sites.</exception>
    public async Task<IReadOnlyList<string>> ActorsAsync(Reader reader, CancellationToken cancellation)
    {
        reader.DemandOfAllSites(Role.Administrator);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Audit.Select(line => line.Actor).Distinct().OrderBy(actor => actor).ToListAsync(cancellation);
    }

    private static IQueryable<AuditRecord> Lines(DashboardDb database, AuditFilter filter, long? before)
    {
        var lines = database.Audit.AsNoTracking();
        lines = filter.Action switch
        {
            null => lines,
            [AuditAction.Not, .. var left] => lines.Where(line => line.Action != left),
            var action => lines.Where(line => line.Action == action),
        };
        lines = filter.Actor is { } actor ? lines.Where(line => line.Actor == actor) : lines;
        lines = filter.From is { } from ? lines.Where(line => line.At >= from) : lines;
        lines = filter.To is { } to ? lines.Where(line => line.At < to) : lines;
        lines = before is { } row ? lines.Where(line => line.RowId < row) : lines;
        return lines.OrderByDescending(line => line.RowId);
    }
}
