using System.Collections.Concurrent;
using LoyaltyDashboard.Access;

namespace LoyaltyDashboard.Queries;

/// <summary>A <see cref="SharedAnswer{T}"/> for all readers without a limit to certain sites, and one for those of each set of sites.</summary>
/// <param name="version">A number that grows with what the answers are made of.</param>
/// <param name="ask">Asks, for certain sites or (null) for all.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedAnswers<T>(Func<CancellationToken, Task<long>> version, Func<IReadOnlyList<string>?, CancellationToken, Task<T>> ask, TimeProvider time)
{
    /// <summary>Sets of sites that are remembered. A team has a handful; more only share less.</summary>
    public const int MostSets = 64;

    private readonly SharedAnswer<T> _ofAll = new(version, cancellation => ask(null, cancellation), time);
    private readonly ConcurrentDictionary<string, SharedAnswer<T>> _ofSome = new(StringComparer.Ordinal);

    /// <summary>The answer for a reader, no older than the call.</summary>
    public Task<T> GetAsync(Reader reader, CancellationToken cancellation)
    {
        if (SiteLimit.SitesOf(reader) is not { } sites)
        {
            return _ofAll.GetAsync(cancellation);
        }

        if (_ofSome.Count >= MostSets)
        {
            // Whoever waits for one of them still gets it.
            _ofSome.Clear();
        }

        return _ofSome.GetOrAdd(string.Join('\n', sites), _ => new(version, asking => ask(sites, asking), time)).GetAsync(cancellation);
    }
}
