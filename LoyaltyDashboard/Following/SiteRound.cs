using System.Collections.Concurrent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>
/// What is asked for one site when it is its turn, in this order: its name, the comparison of Wix's list with ours, the imports that are due. Each answer is
/// written before the next question, schedule included; a fault ends the round and sets how long the site rests.
/// </summary>
public sealed class SiteRound(WixApi wix, WixRequestBudget budget, FollowPlan plan, IngestQueue queue, TimeProvider time, ILogger<SiteRound> logger)
{
    /// <summary>Requests a minute that following uses of a site's <see cref="WixRequestBudget.PerMinute"/>; the rest is for people's clicks and for whatever else uses the app.</summary>
    public const int MostPerMinute = 100;

    /// <summary>Between two comparisons of Wix's list with ours.</summary>
    public static readonly TimeSpan BetweenRecoveries = TimeSpan.FromHours(6);

    /// <summary>Between two questions for a site's name.</summary>
    public static readonly TimeSpan BetweenNamings = TimeSpan.FromHours(24);

    /// <summary>How far a comparison goes back behind the last, for what Wix listed late.</summary>
    public static readonly TimeSpan RecoveryOverlap = TimeSpan.FromHours(1);

    // Then another site has its turn.
    private const int MostPagesInARow = 5;
    private const int MostQuestionsInARow = 10;
    private const int MostImports = 500;

    private static readonly TimeSpan _restWhenUsedUp = TimeSpan.FromSeconds(10);

    // Where a comparison under way goes on. Lost with the process; the next one begins at what is already compared.
    private readonly ConcurrentDictionary<long, string> _cursors = new();

    /// <summary>Asks what is due for one site.</summary>
    /// <returns>False when an answer could not be stored: better to pause than to ask for what would be lost again.</returns>
    public async Task<bool> RunAsync(DueSite site, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var isAsked = (site.NextNaming ?? now) <= now || (site.NextRecovery ?? now) <= now;
        if ((site.NextNaming ?? now) <= now && await AskAsync(site, () => NameAsync(site, cancellation), cancellation) is not Asked.Answered and var naming)
        {
            return naming != Asked.NotStored;
        }

        if ((site.NextRecovery ?? now) <= now && await CompareAsync(site, cancellation) is not Asked.Answered and var comparing)
        {
            return comparing != Asked.NotStored;
        }

        var due = await plan.ImportsAsync(site.RowId, time.GetUtcNow(), MostImports, cancellation);
        if (due.Count == 0 && !isAsked)
        {
            // The import that made the site due is finished, gone or another site's by now. Unless that is written, the site stays due and is given one round after another.
            return await StoreAsync(NotAsked(site), cancellation);
        }

        return await AskForImportsAsync(site, due, cancellation) != Asked.NotStored;
    }

    /// <summary>Asks for one import now, whatever the schedule says.</summary>
    /// <returns>What was written; <see cref="SiteLink.Connected"/> when Wix answered.</returns>
    public async Task<SiteAnswer?> AskForAsync(DueSite site, string importId, CancellationToken cancellation)
    {
        SiteAnswer? answer = null;
        return await AskAsync(site, async () => answer = await GetAsync(site, importId, cancellation), cancellation, fault => answer = fault, importId) == Asked.NotStored ? null : answer;
    }

    /// <summary>The latest createdDate of a page. Dates that no import of today can have are left out: the next comparison would begin there, and find nothing or fail.</summary>
    internal static DateTimeOffset? CreatedUpTo(ApiImportPage page, DateTimeOffset now) => page.Imports.Select(i => i.Import.CreatedDate).Where(created => created > DateTimeOffset.UnixEpoch && created <= now).Max();

    private async Task<SiteAnswer> NameAsync(DueSite site, CancellationToken cancellation)
    {
        try
        {
            var instance = await wix.GetAppInstanceAsync(site.InstanceId, cancellation);
            var named = Answer(site);
            return named with { SiteName = instance.SiteName, SiteUrl = instance.SiteUrl, NextNaming = named.At + BetweenNamings };
        }
        catch (WixApiException exception) when (exception is { TokenRefused: false, Fault: WixApiFault.Refused or WixApiFault.NotFound or WixApiFault.Rejected or WixApiFault.NotUnderstood })
        {
            // A name is a courtesy, and needs a permission of its own; imports are followed without.
            logger.LogInformation("The name of site {Site} could not be read: {Reason}", site.InstanceId, exception.Message);
            var unnamed = Answer(site);
            return unnamed with { NextNaming = unnamed.At + BetweenNamings };
        }
    }

    private async Task<Asked> CompareAsync(DueSite site, CancellationToken cancellation)
    {
        var recoveredTo = site.RecoveredTo;
        for (var page = 0; page < MostPagesInARow; page++)
        {
            string? next = null;
            var asked = await AskAsync(site, async () =>
            {
                var found = await PageAsync(site, recoveredTo, cancellation);
                next = found.NextCursor;
                var answer = Answer(site, found);
                recoveredTo = Latest(recoveredTo, CreatedUpTo(found, answer.At));
                return answer with { RecoveredTo = recoveredTo, NextRecovery = next is null ? answer.At + BetweenRecoveries + Spread(site) : null };
            }, cancellation);
            if (asked == Asked.Answered && next is not null)
            {
                // Only now that its page is stored: one that was lost must be asked for again.
                _cursors[site.RowId] = next;
            }

            if (asked != Asked.Answered || next is null)
            {
                return asked;
            }
        }

        return Asked.Answered;
    }

    // A cursor that is refused or too old is gone from here, so the next comparison begins without it.
    private Task<ApiImportPage> PageAsync(DueSite site, DateTimeOffset? recoveredTo, CancellationToken cancellation) =>
        ListAsync(site, _cursors.TryRemove(site.RowId, out var cursor) ? new ImportsQuery { Cursor = cursor } : new ImportsQuery { CreatedFrom = recoveredTo - RecoveryOverlap }, cancellation);

    // An import of another site, or one created at another time than it was, is some mix-up: it is left out, counted, and asked for by id where it is due.
    private async Task<ApiImportPage> ListAsync(DueSite site, ImportsQuery query, CancellationToken cancellation)
    {
        var page = await wix.QueryImportsAsync(site.InstanceId, query, cancellation);
        var known = await plan.KnownAsync([.. page.Imports.Select(i => i.Import.Id)], cancellation);
        var credible = page.Imports.Where(found =>
            !known.TryGetValue(found.Import.Id, out var import)
            || ((import.SiteRowId is null || import.SiteRowId == site.RowId) && (import.Created is null || found.Import.CreatedDate is null || (found.Import.CreatedDate.Value - import.Created.Value).Duration() < TimeSpan.FromMilliseconds(1)))).ToList();
        return page with { Imports = credible, LeftOut = page.LeftOut + page.Imports.Count - credible.Count };
    }

    // One page from the oldest due import on answers for all that it reaches; what it should have shown and did not is asked for by id. Never more requests than imports, mostly one.
    private async Task<Asked> AskForImportsAsync(DueSite site, IReadOnlyList<DueImport> due, CancellationToken cancellation)
    {
        var byDate = new Queue<DueImport>(due.Where(i => i.Created is not null).OrderBy(i => i.Created));
        var byId = new Queue<DueImport>(due.Where(i => i.Created is null));
        for (var question = 0; question < MostQuestionsInARow && byDate.Count + byId.Count > 0; question++)
        {
            Asked asked;
            if (byId.TryDequeue(out var single) || (byDate.Count == 1 && byDate.TryDequeue(out single)))
            {
                asked = await AskAsync(site, () => GetAsync(site, single.Id, cancellation), cancellation, importId: single.Id);
            }
            else
            {
                asked = await AskAsync(site, async () =>
                {
                    var page = await ListAsync(site, new ImportsQuery { CreatedFrom = byDate.Peek().Created, CreatedTo = byDate.Last().Created }, cancellation);
                    Settle(page, byDate, byId);
                    return Answer(site, page);
                }, cancellation);
            }

            if (asked != Asked.Answered)
            {
                return asked;
            }
        }

        return Asked.Answered;
    }

    // Takes from the queue what a page answers for, and puts aside what the page should hold but does not.
    private static void Settle(ApiImportPage page, Queue<DueImport> byDate, Queue<DueImport> byId)
    {
        var shown = page.Imports.Select(i => i.Import.Id).ToHashSet();
        var reaches = page.NextCursor is null ? DateTimeOffset.MaxValue : page.Imports.Max(i => i.Import.CreatedDate) ?? DateTimeOffset.MinValue;
        var isFirst = true;
        while (byDate.TryPeek(out var import) && (import.Created < reaches || shown.Contains(import.Id) || isFirst || page.NextCursor is null))
        {
            byDate.Dequeue();
            isFirst = false;
            if (!shown.Contains(import.Id))
            {
                byId.Enqueue(import);
            }
        }
    }

    private async Task<SiteAnswer> GetAsync(DueSite site, string importId, CancellationToken cancellation)
    {
        try
        {
            var found = await wix.GetImportAsync(site.InstanceId, importId, cancellation);

            // Under the id it was asked for: Wix may write it in other letters, and then the import that is due would stay due.
            return Answer(site, new ApiImportPage([found with { Import = found.Import with { Id = importId } }], 0, null));
        }
        catch (WixApiException exception) when (exception.Fault == WixApiFault.NotFound)
        {
            return Answer(site) with { Unknown = [importId] };
        }
    }

    private async Task<Asked> AskAsync(DueSite site, Func<Task<SiteAnswer>> ask, CancellationToken cancellation, Action<SiteAnswer>? onFault = null, string? importId = null)
    {
        SiteAnswer answer;
        var asked = Asked.Answered;
        if (onFault is null && budget.Used(site.InstanceId) >= MostPerMinute)
        {
            answer = NotAsked(site) with { NotBefore = time.GetUtcNow() + _restWhenUsedUp };
            asked = Asked.Resting;
        }
        else
        {
            try
            {
                answer = await ask();
            }
            catch (WixApiException exception)
            {
                answer = SiteFault.ToAnswer(exception, site, importId, time.GetUtcNow());
                asked = Asked.Resting;
                onFault?.Invoke(answer);
                logger.LogInformation("Asking Wix for site {Site} failed: {Reason}", site.InstanceId, exception.Message);
            }
        }

        return await StoreAsync(answer, cancellation) ? asked : Asked.NotStored;
    }

    private async Task<bool> StoreAsync(SiteAnswer answer, CancellationToken cancellation) => await queue.EnqueueAsync(answer, cancellation) is { Status: IngestStatus.Committed };

    // Tells nothing of the link; it only brings the site's own schedule up to date.
    private SiteAnswer NotAsked(DueSite site) => new() { InstanceId = site.InstanceId, At = time.GetUtcNow(), Link = null };

    private SiteAnswer Answer(DueSite site, ApiImportPage? page = null)
    {
        var now = time.GetUtcNow();
        return new()
        {
            InstanceId = site.InstanceId,
            At = now,
            Link = SiteLink.Connected,
            Observations = [.. (page?.Imports ?? []).Select(found => new ImportObservation
            {
                Import = found.Import,
                Source = ObservationSource.Api,
                ObservedAt = now,
                InstanceId = site.InstanceId,
                UnreadableFields = found.UnreadableFields,
            })],
            OddAnswers = page?.LeftOut ?? 0,
            OddAnswer = page?.LeftOut > 0 ? "Wix listed what is no import, has no id, or carries the id of an import created elsewhere or at another time." : null,
        };
    }

    private static DateTimeOffset? Latest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b ?? a : a;

    // Up to a quarter of an hour, so that sites first seen together are not compared together for ever.
    private static TimeSpan Spread(DueSite site) => TimeSpan.FromSeconds(site.RowId * 37 % 900);

    private enum Asked
    {
        Answered,
        Resting,
        NotStored,
    }
}
