using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Following;

/// <summary>The single questions to Wix about a site, and what is to be written of each answer. Knows nothing of turns, shares and rests.</summary>
public sealed class SiteQuestions(WixApi wix, FollowPlan plan, TimeProvider time, ILogger<SiteQuestions> logger)
{
    /// <summary>Between two questions for a site's name.</summary>
    public static readonly TimeSpan BetweenNamings = TimeSpan.FromHours(24);

    /// <summary>The site's name and address.</summary>
    /// <exception cref="WixApiException">Wix cannot be asked for anything of this site.</exception>
    public async Task<SiteAnswer> NameAsync(DueSite site, CancellationToken cancellation)
    {
        try
        {
            var instance = await wix.GetAppInstanceAsync(site.InstanceId, cancellation);
            var named = Answer(site);
            return named with { SiteName = instance.SiteName, SiteUrl = instance.SiteUrl, NextNaming = named.At + BetweenNamings };
        }
        catch (WixApiException exception) when (exception is { TokenRefused: false, Fault: WixApiFault.Refused or WixApiFault.NotFound or WixApiFault.Rejected or WixApiFault.NotUnderstood })
        {
            // A name is a courtesy, and needs a permission of its own; whether imports can be followed is for the next question to tell.
            logger.LogInformation("The name of site {Site} could not be read: {Reason}", site.InstanceId, exception.Message);
            var unnamed = NotAsked(site);
            return unnamed with { NextNaming = unnamed.At + BetweenNamings };
        }
    }

    /// <summary>One import. One that Wix does not know is an answer, too.</summary>
    /// <exception cref="WixApiException">There was no answer of use.</exception>
    public async Task<SiteAnswer> ImportAsync(DueSite site, string importId, CancellationToken cancellation)
    {
        try
        {
            return Answer(site, new ApiImportPage([await wix.GetImportAsync(site.InstanceId, importId, cancellation)], 0, null));
        }
        catch (WixApiException exception) when (exception.Fault == WixApiFault.NotFound)
        {
            return Answer(site) with { Unknown = [importId] };
        }
    }

    /// <summary>
    /// One page of the site's imports. An import of another site, or one created at another time than it was, is some mix-up: it is left out and counted.
    /// </summary>
    /// <exception cref="WixApiException">There was no answer of use.</exception>
    public async Task<ApiImportPage> ListAsync(DueSite site, ImportsQuery query, CancellationToken cancellation)
    {
        var page = await wix.QueryImportsAsync(site.InstanceId, query, cancellation);
        var known = await plan.KnownAsync([.. page.Imports.Select(i => i.Import.Id)], cancellation);
        var credible = page.Imports.Where(found => !known.TryGetValue(found.Import.Id, out var import)
            || ((import.SiteRowId is null || import.SiteRowId == site.RowId) && IsSameTime(import.Created, found.Import.CreatedDate))).ToList();
        return page with { Imports = credible, LeftOut = page.LeftOut + page.Imports.Count - credible.Count };
    }

    /// <summary>What is to be written of an answer: the link is well, and this was shown.</summary>
    public SiteAnswer Answer(DueSite site, ApiImportPage? page = null)
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

    /// <summary>Tells nothing of the link; brings the site's own schedule up to date.</summary>
    public SiteAnswer NotAsked(DueSite site) => new() { InstanceId = site.InstanceId, At = time.GetUtcNow(), Link = null };

    private static bool IsSameTime(DateTimeOffset? known, DateTimeOffset? shown) => known is null || shown is null || (shown.Value - known.Value).Duration() < TimeSpan.FromMilliseconds(1);
}
