namespace LoyaltyDashboard.Wix;

/// <summary>Which columns of an error file have a meaning, as its first line tells.</summary>
/// <param name="Reason">The reasons'; null if none is.</param>
/// <param name="Points">The points'; null if none is.</param>
internal readonly record struct ErrorFileColumns(int? Reason, int? Points);
