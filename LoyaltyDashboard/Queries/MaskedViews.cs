using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Queries;

/// <summary>What a reader sees of what was read: as it is, or with personal data masked as <see cref="PersonalFields"/> says. Everything that leaves the room for somebody goes through here.</summary>
internal static class MaskedViews
{
    /// <summary>A site.</summary>
    public static SiteView For(this SiteView site, Reader reader) => reader.SeesClear ? site : site with { Name = Mask.Text(site.Name), Url = Mask.Text(site.Url) };

    /// <summary>A line of the list.</summary>
    public static ImportRow For(this ImportRow row, Reader reader)
    {
        if (reader.SeesClear)
        {
            return row;
        }

        var (email, points) = PersonalFields.MaskedColumns(row.EmailColumn, row.PointsColumn);
        return row with
        {
            Site = row.Site?.For(reader),
            StatusWord = Mask.Text(row.StatusWord),
            Revision = Mask.Text(row.Revision),
            FileName = Mask.Text(row.FileName),
            EmailColumn = email,
            PointsColumn = points,
            ParseErrorReason = Mask.Text(row.ParseErrorReason),
            Follow = row.Follow with { StuckReason = Mask.Text(row.Follow.StuckReason), LinkReason = Mask.Text(row.Follow.LinkReason) },
        };
    }

    /// <summary>An import. The verdict and the faults are those of the cells as they are.</summary>
    public static ImportDetail For(this ImportDetail detail, Reader reader)
    {
        if (reader.SeesClear)
        {
            return detail;
        }

        var shown = PersonalFields.Masked(detail.LoyaltyImport);
        return detail with
        {
            Row = detail.Row.For(reader),
            LoyaltyImport = shown,
            Event = detail.Event is { } announced ? PersonalFields.Masked(announced) : null,
            Mapping = MappingHealth.Judge(detail.LoyaltyImport, shown),
            Observations = [.. detail.Observations.Select(PersonalFields.Masked)],
            UnreadableFields = [.. detail.UnreadableFields.Select(path => Mask.Text(path))],
            EventDelivery = detail.EventDelivery is { } delivery ? PersonalFields.Masked(delivery) : null,
            IsMasked = true,
        };
    }

    /// <summary>A line of the sites page.</summary>
    public static SiteStatus For(this SiteStatus status, Reader reader) => reader.SeesClear
        ? status
        : status with { Site = status.Site.For(reader), LinkReason = Mask.Text(status.LinkReason), LastOddAnswer = Mask.Text(status.LastOddAnswer) };
}
