using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Following;

/// <summary>A site for which something is due.</summary>
/// <param name="RowId">Its row.</param>
/// <param name="InstanceId">Wix's instance id.</param>
/// <param name="FaultsInARow">Faults since Wix last answered.</param>
/// <param name="NextNaming">When its name is due; null: never planned, so now.</param>
/// <param name="NextRecovery">When a comparison of lists is due; null: never planned, so now.</param>
/// <param name="RecoveredTo">Up to which createdDate the lists were compared.</param>
/// <param name="LimitedUntil">How long Wix asked us to wait; null when it did not.</param>
public sealed record DueSite(long RowId, string InstanceId, int FaultsInARow, DateTimeOffset? NextNaming, DateTimeOffset? NextRecovery, DateTimeOffset? RecoveredTo, DateTimeOffset? LimitedUntil = null);

/// <summary>An import that is due.</summary>
/// <param name="Id">Wix's id.</param>
/// <param name="Created">When Wix created it, where known.</param>
public sealed record DueImport(string Id, DateTimeOffset? Created);

/// <summary>Reads from the database what is to be asked. The writer keeps the schedule; nothing here changes it.</summary>
public sealed class FollowPlan(IDbContextFactory<DashboardDb> databases)
{
    // How far ahead an import may be taken along: a quarter of the longest interval.
    private static readonly long _furthestAhead = Imports.FollowSchedule.Longest.Ticks / 4;

    /// <summary>Sites for which something is due, the longest due first.</summary>
    /// <param name="now">The time.</param>
    /// <param name="except">Rows of sites to leave out: those being asked for already.</param>
    /// <param name="most">How many.</param>
    /// <param name="cancellation">Stops the query.</param>
    public async Task<IReadOnlyList<DueSite>> SitesAsync(DateTimeOffset now, IReadOnlyCollection<long> except, int most, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var running = except.ToArray();
        return await database.Sites.AsNoTracking().Where(s => s.NextAsk <= now && (s.NotBefore == null || s.NotBefore <= now) && !running.Contains(s.RowId)).OrderBy(s => s.NextAsk).Take(most)
            .Select(s => new DueSite(s.RowId, s.InstanceId, s.FaultsInARow, s.NextNaming, s.NextRecovery, s.RecoveredTo, s.Link == SiteLink.Limited ? s.NotBefore : null)).ToListAsync(cancellation);
    }

    /// <summary>One site as far as asking needs it; null if there is none of that instance id.</summary>
    public async Task<DueSite?> FindSiteAsync(string instanceId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Sites.AsNoTracking().Where(s => s.InstanceId == instanceId).Select(s => new DueSite(s.RowId, s.InstanceId, s.FaultsInARow, s.NextNaming, s.NextRecovery, s.RecoveredTo, s.Link == SiteLink.Limited ? s.NotBefore : null)).FirstOrDefaultAsync(cancellation);
    }

    /// <summary>
    /// Imports of a site to ask for now: the due ones, and those that have three quarters of their interval behind them, so that they are asked for together
    /// from then on. Empty when none is due yet.
    /// </summary>
    public async Task<IReadOnlyList<DueImport>> ImportsAsync(long siteRowId, DateTimeOffset now, int most, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var unfinished = database.Imports.AsNoTracking().Where(i => i.SiteRowId == siteRowId && i.NextAsk != null);
        if (!await unfinished.AnyAsync(i => i.NextAsk <= now, cancellation))
        {
            return [];
        }

        var (site, time, horizon) = (siteRowId, UtcTicks.From(now), UtcTicks.From(now) + _furthestAhead);
        var rows = await database.Imports.FromSql(
            $"SELECT * FROM imports WHERE SiteRowId = {site} AND NextAsk <= {horizon} AND (NextAsk <= {time} OR 4 * (NextAsk - {time}) <= NextAsk - LastSeen) ORDER BY NextAsk LIMIT {most}")
            .AsNoTracking().Select(i => new { i.Id, i.Created }).ToListAsync(cancellation);
        return [.. rows.Select(row => new DueImport(row.Id, row.Created))];
    }

    /// <summary>What is known of imports that Wix listed for a site: where and when they were created. It changes never, so whatever says otherwise mixes imports up.</summary>
    /// <remarks>What only a forward told does not count: Wix's own word stands above it.</remarks>
    public async Task<IReadOnlyDictionary<string, (long? SiteRowId, DateTimeOffset? Created)>> KnownAsync(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var rowIds = await ImportKeys.FindAsync(database, ids, cancellation);
        var known = await database.Imports.AsNoTracking().Where(i => rowIds.Contains(i.RowId) && i.Source != Imports.ObservationSource.Sdk).Select(i => new { i.Id, i.SiteRowId, i.Created }).ToListAsync(cancellation);
        return known.ToDictionary(i => i.Id, i => (i.SiteRowId, i.Created));
    }
}
