using System.Collections.Concurrent;

namespace LoyaltyDashboard.Live;

/// <summary>
/// How a page learns what became of a download it started: the link carries a ticket, whoever serves the download reports to it. A browser tells a page
/// nothing of its downloads.
/// </summary>
public sealed class DownloadTickets
{
    private readonly ConcurrentDictionary<string, DownloadTicket> _tickets = new();

    /// <summary>Makes a ticket; disposing it forgets it.</summary>
    public DownloadTicket Issue()
    {
        var ticket = new DownloadTicket(ticket => _tickets.TryRemove(ticket.Id, out _));
        _tickets[ticket.Id] = ticket;
        return ticket;
    }

    /// <summary>The ticket a link names; null if nobody waits for it any more.</summary>
    public DownloadTicket? Find(string? id) => id is null ? null : _tickets.GetValueOrDefault(id);
}

/// <summary>One download under way. Written by the server of the download, read by the page.</summary>
public sealed class DownloadTicket : IDisposable
{
    private readonly Action<DownloadTicket> _forget;
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _rows;

    internal DownloadTicket(Action<DownloadTicket> forget) => _forget = forget;

    /// <summary>What the link carries.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Rows handed out so far.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Ends with the download: true when it was handed out whole, false when it broke off.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>Passes rows on and counts them.</summary>
    /// <param name="pieces">One or more rows each.</param>
    /// <param name="rows">How many rows a piece holds.</param>
    public async IAsyncEnumerable<T> CountAsync<T>(IAsyncEnumerable<T> pieces, Func<T, int> rows)
    {
        await foreach (var piece in pieces)
        {
            Interlocked.Add(ref _rows, rows(piece));
            yield return piece;
        }
    }

    /// <summary>Notes the end.</summary>
    public void End(bool isWhole) => _ended.TrySetResult(isWhole);

    /// <summary>Forgets the ticket.</summary>
    public void Dispose()
    {
        _ended.TrySetResult(false);
        _forget(this);
    }
}
