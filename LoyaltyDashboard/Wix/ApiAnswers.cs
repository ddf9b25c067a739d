using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Wix;

/// <summary>An import as the Imports API describes it.</summary>
/// <param name="Import">What could be read of it.</param>
/// <param name="UnreadableFields">Paths of fields that were sent but could not be read.</param>
public sealed record ApiImport(LoyaltyImport Import, IReadOnlyList<string> UnreadableFields);

/// <summary>One page of a query.</summary>
/// <param name="Imports">The imports, in the order of the query.</param>
/// <param name="LeftOut">How many items of the page are no imports or have no id.</param>
/// <param name="NextCursor">Where the next page begins; null on the last one.</param>
public sealed record ApiImportPage(IReadOnlyList<ApiImport> Imports, int LeftOut, string? NextCursor);

/// <summary>The site that an instance of the app is installed on.</summary>
/// <param name="SiteName">The name its owner gave it, cut where it is too long for one; null if Wix tells none.</param>
/// <param name="SiteUrl">Its address as Wix writes it, unchecked; null if Wix tells none, or one too long to be one.</param>
public sealed record AppInstance(string? SiteName, string? SiteUrl);
