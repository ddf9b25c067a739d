using System.Collections.Concurrent;
using System.Data.Common;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>
/// What is asked for one site when it is its turn, in this order: its name, the comparison of Wix's list with ours, the imports that are due. Each answer is
/// written before the next question, schedule included; a fault ends the round and sets how long the site rests.
/// </summary>
public sealed class SiteRound(SiteQuestions questions, WixRequestBudget budget, FollowPlan plan, IngestQueue queue, TimeProvider time, ILogger<SiteRound> logger)
{
    /// <summary>Requests a minute that following uses of a site's <see cref="WixRequestBudget.PerMinute"/>; the rest is for people's clicks and for whatever else uses the app.</summary>
    public const int MostPerMinute = 100;

    /// <summary>Between two comparisons of Wix's list with ours.</summary>
    public static readonly TimeSpan BetweenRecoveries = TimeSpan.FromHours(6);

    /// <summary>How far a comparison goes back behind the last, for what Wix listed late.</summary>
    public static readonly TimeSpan RecoveryOverlap = TimeSpan.FromHours(1);

    // Then another site has its turn.
    private const int MostPagesInARow = 5;
    private const int MostQuestionsInARow = 10;
    private const int MostImports = 500;

    // The list is in order of creation: pages that reach no further than those before them are no list, however many more are promised.
    private const int MostIdlePages = 3;

    private static readonly TimeSpan _restWhenUsedUp = TimeSpan.FromSeconds(10);

    // Where a comparison under way goes on. Lost with the process; the next one begins at what is already compared.
    private readonly ConcurrentDictionary<long, Place> _places = new();

    /// <summary>Asks what is due for one site.</summary>
    /// <returns>False when an answer could not be stored: better to pause than to ask for what would be lost again.</returns>
    public async Task<bool> RunAsync(DueSite site, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (isNameDue, isListDue) = ((site.NextNaming ?? now) <= now, (site.NextRecovery ?? now) <= now);
        if (isNameDue && await AskAsync(site, () => questions.NameAsync(site, cancellation), cancellation) is not Asked.Answered and var naming)
        {
            return naming != Asked.NotStored;
        }

        if (isListDue && await CompareAsync(site, cancellation) is not Asked.Answered and var comparing)
        {
            return comparing != Asked.NotStored;
        }

        var due = await plan.ImportsAsync(site.RowId, time.GetUtcNow(), MostImports, cancellation);
        if (due.Count == 0 && !isNameDue && !isListDue)
        {
            // The import that made the site due is finished, gone or another site's by now. Unless that is written, the site stays due and is given one round after another.
            return await StoreAsync(questions.NotAsked(site), cancellation);
        }

        return await AskForImportsAsync(site, due, cancellation) != Asked.NotStored;
    }

    /// <summary>Asks for one import now because a person wants to know, whatever the schedule and our share of the limit say.</summary>
    /// <returns>What was written; null if it could not be.</returns>
    public async Task<SiteAnswer?> AskForAsync(DueSite site, string importId, CancellationToken cancellation)
    {
        var (answer, _) = await TryAsync(site, () => questions.ImportAsync(site, importId, cancellation), importId, cancellation);
        return await StoreAsync(answer, cancellation) ? answer : null;
    }

    /// <summary>The latest createdDate of a page. Dates that no import of today can have are left out: the next comparison would begin there, and find nothing or fail.</summary>
    internal static DateTimeOffset? CreatedUpTo(ApiImportPage page, DateTimeOffset now) => page.Imports.Select(i => i.Import.CreatedDate).Where(created => created > DateTimeOffset.UnixEpoch && created <= now).Max();

    private async Task<Asked> CompareAsync(DueSite site, CancellationToken cancellation)
    {
        var recoveredTo = site.RecoveredTo;
        for (var page = 0; page < MostPagesInARow; page++)
        {
            Place? next = null;
            var asked = await AskAsync(site, async () =>
            {
                // A cursor that is refused or too old is gone from here, so the next comparison begins without it.
                _places.TryRemove(site.RowId, out var place);
                var found = await questions.ListAsync(site, place is null ? new ImportsQuery { CreatedFrom = recoveredTo - RecoveryOverlap } : new ImportsQuery { Cursor = place.Cursor }, cancellation);
                next = Place.After(place, found);
                var answer = questions.Answer(site, found);
                recoveredTo = Latest(recoveredTo, CreatedUpTo(found, answer.At));
                answer = answer with { RecoveredTo = recoveredTo, NextRecovery = next is null ? answer.At + BetweenRecoveries + Spread(site) : null };
                return next is not null || found.NextCursor is null ? answer : answer with { OddAnswers = answer.OddAnswers + 1, OddAnswer = "Wix's list goes on page after page and shows nothing further." };
            }, cancellation);
            if (asked != Asked.Answered || next is null)
            {
                return asked;
            }

            // Only now that its page is stored: one that was lost must be asked for again.
            _places[site.RowId] = next;
        }

        return Asked.Answered;
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
                asked = await AskAsync(site, () => questions.ImportAsync(site, single.Id, cancellation), cancellation, single.Id);
            }
            else
            {
                asked = await AskAsync(site, async () =>
                {
                    var page = await questions.ListAsync(site, new ImportsQuery { CreatedFrom = byDate.Peek().Created, CreatedTo = byDate.Last().Created }, cancellation);
                    Settle(page, byDate, byId);
                    return questions.Answer(site, page);
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

    private async Task<Asked> AskAsync(DueSite site, Func<Task<SiteAnswer>> ask, CancellationToken cancellation, string? importId = null)
    {
        if (budget.Used(site.InstanceId) >= MostPerMinute)
        {
            return await StoreAsync(questions.NotAsked(site) with { NotBefore = time.GetUtcNow() + _restWhenUsedUp }, cancellation) ? Asked.Resting : Asked.NotStored;
        }

        var (answer, asked) = await TryAsync(site, ask, importId, cancellation);
        return await StoreAsync(answer, cancellation) ? asked : Asked.NotStored;
    }

    private async Task<(SiteAnswer Answer, Asked Asked)> TryAsync(DueSite site, Func<Task<SiteAnswer>> ask, string? importId, CancellationToken cancellation)
    {
        try
        {
            return (await ask(), Asked.Answered);
        }
        catch (WixApiException exception)
        {
            logger.LogInformation("Asking Wix for site {Site} failed: {Reason}", site.InstanceId, exception.Message);
            return (SiteFault.ToAnswer(exception, site, importId, time.GetUtcNow()), Asked.Resting);
        }
        catch (Exception exception) when (exception is not DbException && !cancellation.IsCancellationRequested)
        {
            // Whatever one site's answer does to this program, that site rests and the others go on.
            logger.LogError(exception, "Asking Wix for site {Site} met an unexpected fault", site.InstanceId);
            return (SiteFault.ToAnswer(new WixApiException(WixApiFault.NotUnderstood, "Wix's answer met a fault of this program; its log says more."), site, importId, time.GetUtcNow()), Asked.Resting);
        }
    }

    private async Task<bool> StoreAsync(SiteAnswer answer, CancellationToken cancellation) => await queue.EnqueueAsync(answer, cancellation) is { Status: IngestStatus.Committed };

    private static DateTimeOffset? Latest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b ?? a : a;

    // Up to a quarter of an hour, so that sites first seen together are not compared together for ever.
    private static TimeSpan Spread(DueSite site) => TimeSpan.FromSeconds(site.RowId * 37 % 900);

    // Where a comparison goes on, how far it has come, and how many pages in a row brought it no further.
    private sealed record Place(string Cursor, DateTimeOffset? Reaches, int IdlePages)
    {
        public static Place? After(Place? place, ApiImportPage page)
        {
            var reaches = page.Imports.Max(i => i.Import.CreatedDate);
            var idlePages = place is null || reaches > place.Reaches ? 0 : place.IdlePages + 1;
            return page.NextCursor is { } cursor && idlePages < MostIdlePages ? new(cursor, Latest(place?.Reaches, reaches), idlePages) : null;
        }
    }

    private enum Asked
    {
        Answered,
        Resting,
        NotStored,
    }
}
