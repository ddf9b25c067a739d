using System.Globalization;

namespace LoyaltyDashboard.Imports;

/// <summary>How long one stage of one import took.</summary>
/// <param name="Stage">PARSING or IMPORTING.</param>
/// <param name="FileSize">Bytes, where known.</param>
/// <param name="Took">From its beginning to its end, by Wix's clock.</param>
public readonly record struct StageDuration(ImportStatus Stage, long? FileSize, TimeSpan Took);

/// <summary>
/// How long imports usually stay in PARSING and IMPORTING, by the size of their file: learned from those that are through, or a fixed limit until there are enough. One
/// that stays longer is stuck.
/// </summary>
public sealed class StageLimits
{
    /// <summary>Fewer than this teach nothing.</summary>
    public const int FewestToLearnFrom = 20;

    /// <summary>No limit is shorter, however quick imports have been: a question may come late.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    private const long Megabyte = 1_000_000;

    // What nineteen of twenty needed, twice over.
    private const double Usual = 0.95;
    private const int Allowance = 2;

    private readonly Dictionary<(ImportStatus Stage, int SizeClass), (TimeSpan Usual, int Count)> _learned;

    /// <summary>Learns from imports that are through.</summary>
    public StageLimits(IEnumerable<StageDuration> durations) => _learned = durations
        .GroupBy(d => (d.Stage, SizeClass(d.FileSize)), d => d.Took)
        .Select(group => (group.Key, Times: group.Order().ToList()))
        .Where(group => group.Times.Count >= FewestToLearnFrom)
        .ToDictionary(group => group.Key, group => (group.Times[(int)Math.Ceiling(group.Times.Count * Usual) - 1], group.Times.Count));

    /// <summary>How long an import may stay, and why that long; null for a stage that waits for nobody's work but a person's.</summary>
    public (TimeSpan Limit, string Reason)? Of(ImportStatus stage, long? fileSize)
    {
        if (stage is not (ImportStatus.Parsing or ImportStatus.Importing))
        {
            return null;
        }

        if (_learned.TryGetValue((stage, SizeClass(fileSize)), out var learned))
        {
            var limit = learned.Usual * Allowance;
            return (limit > Shortest ? limit : Shortest, $"Longer in {stage} than usual: of {learned.Count.ToString("N0", CultureInfo.InvariantCulture)} imports of such a size here, 95 % were through within {Words(learned.Usual)}.");
        }

        // A guess until this database knows better: Wix's own sample took 11 s to import 21 KB.
        var megabytes = Math.Clamp(fileSize ?? Megabyte, 0, 100 * Megabyte) / (double)Megabyte;
        var guess = stage == ImportStatus.Parsing ? TimeSpan.FromMinutes(2 + megabytes) : TimeSpan.FromMinutes(5 + (15 * megabytes));
        return (guess, $"Longer in {stage} than {Words(guess)}, which is the limit for its size until {FewestToLearnFrom} imports of such a size are through here.");
    }

    // Under 100 KB, 1 MB, 10 MB, and beyond; -1 for unknown.
    private static int SizeClass(long? bytes) => bytes switch { null => -1, < Megabyte / 10 => 0, < Megabyte => 1, < 10 * Megabyte => 2, _ => 3 };

    private static string Words(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalSeconds):0} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalMinutes):0} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalHours):0} h"),
    };
}
