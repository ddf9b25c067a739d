using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Components.Pages;

/// <summary>
/// What the imports page shows and what waits, apart from how it is drawn. Nothing moves under the reader: while the list is held, new rows
/// wait and are counted; rows already shown change in place.
/// </summary>
public sealed class ImportsList
{
    // Where more come at once, nearly all rows would fade in, and again a moment later, and none could be read.
    private const int MostFresh = 5;

    private HashSet<string> _shown = [];

    /// <summary>The rows on the page.</summary>
    public IReadOnlyList<ImportRow> Rows { get; private set; } = [];

    /// <summary>How many there are, up to the count limit.</summary>
    public int Total { get; private set; }

    /// <summary>Whether <see cref="Total"/> is all.</summary>
    public bool TotalIsExact { get; private set; } = true;

    /// <summary>How many arrivals wait to be shown.</summary>
    public int Waiting { get; private set; }

    /// <summary>Ids that were not there at the last look, for their glow; none where they are too many to point at.</summary>
    public IReadOnlySet<string> Fresh { get; private set; } = new HashSet<string>();

    /// <summary>Shows a page that the reader asked for.</summary>
    public void Show(ImportPage page)
    {
        Replace(page.Rows);
        (Total, TotalIsExact, Fresh) = (page.Total, page.TotalIsExact, new HashSet<string>());
    }

    /// <summary>Takes in a newer look at the same page.</summary>
    /// <param name="page">The newer look.</param>
    /// <param name="isHeld">Whether rows must stay where they are.</param>
    /// <param name="pushedOut">Rows shown here that arrivals have pushed off the newer page, as they are now.</param>
    /// <returns>How many rows came in.</returns>
    public int Refresh(ImportPage page, bool isHeld, IReadOnlyList<ImportRow>? pushedOut = null)
    {
        var arrived = page.Rows.Where(row => !_shown.Contains(row.Id)).Select(row => row.Id).ToHashSet();
        if (isHeld && (arrived.Count > 0 || page.Total > Total || !page.Rows.Select(r => r.Id).SequenceEqual(Rows.Select(r => r.Id))))
        {
            var newest = page.Rows.Concat(pushedOut ?? []).ToDictionary(row => row.Id);
            Rows = [.. Rows.Select(row => newest.GetValueOrDefault(row.Id, row))];
            Waiting = Math.Max(arrived.Count, TotalIsExact && page.TotalIsExact ? page.Total - Total : 0);
            return 0;
        }

        Replace(page.Rows);
        (Total, TotalIsExact, Fresh) = (page.Total, page.TotalIsExact, arrived.Count <= MostFresh ? arrived : []);
        return arrived.Count;
    }

    /// <summary>Rows shown here that are not on a newer look at the same page.</summary>
    public IReadOnlyList<long> NotOn(ImportPage page) => [.. Rows.Select(row => row.RowId).Except(page.Rows.Select(row => row.RowId))];

    /// <summary>Counts what waits while nothing is redrawn at all.</summary>
    public void CountWaiting(ImportPage page) => Waiting = Math.Max(page.Rows.Count(row => !_shown.Contains(row.Id)), TotalIsExact && page.TotalIsExact ? page.Total - Total : 0);

    private void Replace(IReadOnlyList<ImportRow> rows)
    {
        Rows = rows;
        _shown = [.. rows.Select(row => row.Id)];
        Waiting = 0;
    }
}
