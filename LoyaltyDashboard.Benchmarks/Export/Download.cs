using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Export;

/// <summary>One export taken from a server by a client that keeps nothing of it.</summary>
/// <param name="Seconds">From the request to the last byte.</param>
/// <param name="FirstByteMilliseconds">From the request to the first byte of the file.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Lines">Line feeds in it.</param>
/// <param name="GrowthBytes">How much more memory the server held at its peak than just before.</param>
internal sealed record Download(double Seconds, double FirstByteMilliseconds, long Bytes, long Lines, long GrowthBytes)
{
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes it.</summary>
    /// <param name="server">From where.</param>
    /// <param name="query">Format and filter.</param>
    public static async Task<Download> TakeAsync(ServerProcess server, string query)
    {
        using var client = new HttpClient { BaseAddress = server.Address, Timeout = Timeout.InfiniteTimeSpan }.WithKey();
        // A connection is opened before the clock runs.
        (await client.GetAsync("health/live")).EnsureSuccessStatusCode();
        using var ended = new CancellationTokenSource();
        var before = server.ResidentBytes;
        var peak = WatchAsync(server, before, ended.Token);
        var (bytes, lines, first) = (0L, 0L, 0.0);
        var clock = Stopwatch.StartNew();
        using (var answer = await client.GetAsync("api/imports/export?" + query, HttpCompletionOption.ResponseHeadersRead))
        {
            answer.EnsureSuccessStatusCode();
            await using var body = await answer.Content.ReadAsStreamAsync();
            var buffer = new byte[128 * 1024];
            while (await body.ReadAsync(buffer) is > 0 and var read)
            {
                first = bytes == 0 ? clock.Elapsed.TotalMilliseconds : first;
                bytes += read;
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            }
        }

        var seconds = clock.Elapsed.TotalSeconds;
        await ended.CancelAsync();
        return new(seconds, first, bytes, lines, await peak - before);
    }

    private static async Task<long> WatchAsync(ServerProcess server, long before, CancellationToken ended)
    {
        var peak = before;
        while (!ended.IsCancellationRequested)
        {
            await Task.Delay(_betweenLooks, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            peak = Math.Max(peak, server.ResidentBytes);
        }

        return peak;
    }
}
