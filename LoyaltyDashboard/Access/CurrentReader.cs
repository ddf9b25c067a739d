namespace LoyaltyDashboard.Access;

/// <summary>The reader of this request, or of this page for as long as it is open. Ask <see cref="Now"/> at each question and keep nothing: what somebody may see changes.</summary>
/// <param name="now">Tells who it is and what they may, at this moment.</param>
public sealed class CurrentReader(Func<Reader> now)
{
    /// <summary>Who asks, and what they may at this moment.</summary>
    public Reader Now => now();
}
