using System.Globalization;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>What a person's question came to.</summary>
/// <param name="Succeeded">Whether Wix was asked and answered.</param>
/// <param name="Message">What happened, in a sentence.</param>
public sealed record RefreshResult(bool Succeeded, string Message);

/// <summary>Asks Wix because a person wants to know now. Past the schedule, never past Wix's limit.</summary>
public sealed class RefreshNow(WixApi wix, FollowPlan plan, SiteRound round, IngestQueue queue, AuditLog audit, TimeProvider time)
{
    private const string NotFollowed = "Imports are not followed: no app secret is set (Wix:AppId and Wix:AppSecret).";

    /// <summary>Asks for one import.</summary>
    /// <exception cref="AccessDeniedException">The reader is no operator, or may not see the site.</exception>
    public async Task<RefreshResult> ImportAsync(Reader reader, string importId, string? instanceId, CancellationToken cancellation)
    {
        reader.Demand(Role.Operator, instanceId);
        if (!wix.CanFollow)
        {
            return new(false, NotFollowed);
        }

        if (instanceId is null || await plan.FindSiteAsync(instanceId, cancellation) is not { } site)
        {
            return new(false, "The event named no site, so Wix cannot be asked.");
        }

        if (site.LimitedUntil - time.GetUtcNow() is { Ticks: > 0 } wait)
        {
            return new(false, string.Create(CultureInfo.InvariantCulture, $"Wix asked us to slow down; it can be asked again in {Math.Ceiling(wait.TotalSeconds):0} s."));
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Refresh, $"import:{importId}"), cancellation);
        RefreshResult result = await round.AskForAsync(site, importId, cancellation) switch
        {
            null => new(false, "Wix answered, but the database is busy or full; try again in a moment."),
            { Link: not SiteLink.Connected, Reason: var reason } => new(false, reason ?? "Wix did not answer."),
            { OddAnswer: { } fault } => new(false, fault),
            { Unknown: [_, ..] } => new(false, "Wix does not know this import."),
            { Observations: [var seen, ..] } => new(true, $"Wix says: {(ImportStatusWords.Parse(seen.Import.Status) is not ImportStatus.Unknown and var status ? status.ToString() : "a status this version does not know")}."),
            _ => new(true, "Wix answered."),
        };

        // What Wix writes may quote an address.
        return reader.SeesClear ? result : result with { Message = Mask.Text(result.Message) };
    }

    /// <summary>Asks for a site: its name, its list, and every unfinished import, within seconds.</summary>
    /// <exception cref="AccessDeniedException">The reader is no operator, or may not see the site.</exception>
    public async Task<RefreshResult> SiteAsync(Reader reader, string instanceId, CancellationToken cancellation)
    {
        reader.Demand(Role.Operator, instanceId);
        if (!wix.CanFollow)
        {
            return new(false, NotFollowed);
        }

        await audit.AppendAsync(new(reader.Actor, AuditAction.Refresh, $"site:{instanceId}"), cancellation);
        return await queue.EnqueueAsync(new SiteIsAskedFor(instanceId, time.GetUtcNow()), cancellation) is { Status: IngestStatus.Committed }
            ? new(true, "Wix is being asked; what changes shows as it comes.")
            : new(false, "The database is busy or full; try again in a moment.");
    }
}
