using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Queries;

/// <summary>Reading of sites, and of how each is followed.</summary>
public sealed class SiteQueries(IDbContextFactory<DashboardDb> databases)
{
    /// <summary>
    /// One page: first those that a person should look at (refused, not understood, not reachable), last those that removed the app, each by name. A site that was slowed
    /// down goes on by itself, so it stands among those that are well.
    /// </summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="page">From 1.</param>
    /// <param name="pageSize">Rows a page.</param>
    /// <param name="cancellation">Stops the query.</param>
    public async Task<SitePage> PageAsync(Reader reader, int page, int pageSize, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var skip = (int)Math.Min(int.MaxValue, (page - 1L) * pageSize);

        // The three figures of a site's imports are read off two indexes alone, so one site with a million imports does not hold the page.
        var sites = await Seen(database, reader).AsNoTracking()
            .OrderBy(s => s.Link == SiteLink.Refused ? 0 : s.Link == SiteLink.NotUnderstood ? 1 : s.Link == SiteLink.Unreachable ? 2 : s.Link == SiteLink.Removed ? 4 : 3)
            .ThenBy(s => s.FoldedName == null || s.FoldedName == "").ThenBy(s => s.FoldedName).ThenBy(s => s.RowId)
            .Skip(skip).Take(pageSize)
            .Select(s => new SiteStatus(
                s.RowId, new SiteView(s.InstanceId, s.Name, s.Url),
                database.Imports.Count(i => i.SiteRowId == s.RowId),
                database.Imports.Count(i => i.SiteRowId == s.RowId && i.NextAsk != null),
                database.Imports.Where(i => i.SiteRowId == s.RowId).Max(i => (DateTimeOffset?)i.Arrived),
                s.FollowedSince, s.Link, s.LinkSince, s.LinkReason, s.OddAnswers, s.LastOddAnswer, s.NextAsk, s.NotBefore))
            .ToListAsync(cancellation);
        return new([.. sites.Select(site => site.For(reader))], await Seen(database, reader).CountAsync(cancellation));
    }

    /// <summary>How many sites a person should look at: refused, not understood, not reachable.</summary>
    public async Task<int> TroubledAsync(Reader reader, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await Seen(database, reader).CountAsync(s => s.Link == SiteLink.Refused || s.Link == SiteLink.NotUnderstood || s.Link == SiteLink.Unreachable, cancellation);
    }

    private static IQueryable<SiteRecord> Seen(DashboardDb database, Reader reader)
    {
        if (SiteLimit.SitesOf(reader) is not { } wanted)
        {
            return database.Sites;
        }

        return database.Sites.Where(s => wanted.Contains(s.InstanceId));
    }
}
