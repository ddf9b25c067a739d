namespace LoyaltyDashboard.Live;

/// <summary>An import that changed.</summary>
/// <param name="Id">Wix's id.</param>
/// <param name="InstanceId">Its site, by which a reader who is limited to some sites is told of it or not; null where none is known.</param>
public readonly record struct ChangedImport(string Id, string? InstanceId);
