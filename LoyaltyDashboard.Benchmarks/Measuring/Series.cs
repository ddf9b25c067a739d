namespace LoyaltyDashboard.Benchmarks.Measuring;

/// <summary>Values of the same thing, measured again and again.</summary>
/// <param name="Values">In the order they were measured; at least one.</param>
public sealed record Series(IReadOnlyList<double> Values)
{
    /// <summary>The middle value; of an even number, the mean of the two in the middle.</summary>
    public double Median
    {
        get
        {
            var sorted = Values.Order().ToList();
            var middle = sorted.Count / 2;
            return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    /// <summary>The smallest value.</summary>
    public double Lowest => Values.Min();

    /// <summary>The largest value.</summary>
    public double Highest => Values.Max();

    /// <summary>The nearest-rank percentile.</summary>
    /// <param name="percent">1 to 100.</param>
    public double Percentile(double percent)
    {
        var sorted = Values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * percent / 100) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>The values of one series by those of another, pair by pair: what was measured in the same round belongs together.</summary>
    public Series Over(Series other) => new([.. Values.Zip(other.Values, (mine, theirs) => mine / theirs)]);

    /// <summary>The range of the values, as it is printed.</summary>
    /// <param name="format">Of one value.</param>
    public string Spread(string format = "N0") => Values.Count == 1 ? "one run" : $"{Lowest.ToString(format, Text.Culture)} to {Highest.ToString(format, Text.Culture)}, {Values.Count} runs";
}
