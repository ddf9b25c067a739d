using System.Collections.Concurrent;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>What was sent, and what of it was answered 200. Written by many senders at once.</summary>
internal sealed class Answered
{
    private readonly ConcurrentDictionary<SignedEvent, byte> _kept = new();

    /// <summary>Answered 200 so far.</summary>
    public int Count => _kept.Count;

    /// <summary>Notes an answer of 200.</summary>
    public void Note(SignedEvent sent) => _kept.TryAdd(sent, 0);

    /// <summary>Whether this one was answered 200 already.</summary>
    public bool Has(SignedEvent sent) => _kept.ContainsKey(sent);

    /// <summary>All that was answered 200 before this call.</summary>
    public IReadOnlyList<SignedEvent> Snapshot() => [.. _kept.Keys];
}
