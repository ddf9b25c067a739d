namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Something that goes wrong, and what must hold while and after it does.</summary>
/// <param name="name">For <c>--only</c>.</param>
/// <param name="title">What goes wrong.</param>
/// <param name="mustHold">What must hold, in words.</param>
internal abstract class Fault(string name, string title, string mustHold)
{
    /// <summary>For <c>--only</c>.</summary>
    public string Name => name;

    /// <summary>What goes wrong.</summary>
    public string Title => title;

    /// <summary>What must hold, in words.</summary>
    public string MustHold => mustHold;

    /// <summary>Makes it go wrong. Bounded in time; leaves nothing behind.</summary>
    /// <param name="isShort">A quick run that shows that it works.</param>
    public abstract Task<Verdict> RunAsync(bool isShort);
}
