namespace LoyaltyDashboard.Imports;
public static class MappingHealth { public static MappingReport Judge(LoyaltyImport import) => new(MappingVerdict.Unknown, []); }
