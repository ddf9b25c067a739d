namespace LoyaltyDashboard.Benchmarks.Measuring;

/// <summary>One line of the table: a goal, and what came of it.</summary>
/// <param name="Work">What is done.</param>
/// <param name="Goal">What it is to reach, in words.</param>
/// <param name="Reached">Whether it does.</param>
/// <param name="Measured">What was measured, in words; where a peer does the same work, as a ratio.</param>
/// <param name="Spread">From the lowest to the highest, and of how many runs.</param>
/// <param name="Command">What repeats it, behind <c>dotnet run -c Release --project LoyaltyDashboard.Benchmarks --</c>.</param>
public sealed record Measurement(string Work, string Goal, bool Reached, string Measured, string Spread, string Command);
