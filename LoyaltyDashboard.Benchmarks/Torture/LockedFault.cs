using System.Collections.Concurrent;
using LoyaltyDashboard.Benchmarks.Measuring;
using LoyaltyDashboard.Benchmarks.Running;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>Another process (this one) holds the database's write lock for five seconds while events come.</summary>
internal sealed class LockedFault() : Fault("locked", "another process holds the database for 5 s", "503 inside 1,250 ms, then all stored by the retries")
{
    private const int Rate = 100;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        var rounds = isShort ? 1 : 5;
        await using var ground = Ground.Prepare(Rate * 5 * rounds);
        await ground.StartAsync();
        var amiss = new List<string>();
        var answers = new ConcurrentBag<(int Status, double Milliseconds)>();
        for (var round = 0; round < rounds; round++)
        {
            await using var other = new SqliteConnection($"Data Source={ground.DatabasePath};Pooling=False");
            await other.OpenAsync();
            await using (var begin = other.CreateCommand())
            {
                begin.CommandText = "BEGIN IMMEDIATE";
                await begin.ExecuteNonQueryAsync();
            }

            var events = Enumerable.Range(0, Rate * 5).Select(_ => ground.Next()).ToList();
            // Connections enough for all that can wait at once.
            var result = await LoadGenerator.RunAsync(ground.Door, [.. events.Select(e => e.Body)], 2 * Rate, Rate);
            foreach (var answer in result.ByRequest)
            {
                answers.Add((answer.Status, answer.Milliseconds));
            }

            await using (var end = other.CreateCommand())
            {
                end.CommandText = "ROLLBACK";
                await end.ExecuteNonQueryAsync();
            }

            if (await ground.RetryAsync(events) is > 0 and var left)
            {
                amiss.Add($"{left} events are still refused after the lock was let go");
            }
        }

        var worst = answers.Max(a => a.Milliseconds);
        var others = answers.Count(a => a.Status != 503);
        if (worst >= Ground.LongestMilliseconds)
        {
            amiss.Add(Text.Of($"an answer took {worst:N0} ms"));
        }

        if (others > 0)
        {
            amiss.Add($"{others} answers other than 503");
        }

        await ground.EndAsync();
        amiss.AddRange(await Stored.FaultsAsync(ground.DatabasePath, ground.Events));
        return Verdict.Of(amiss, Text.Of($"{rounds} times: {answers.Count:N0} answers, all 503, median {new Series([.. answers.Select(a => a.Milliseconds)]).Median:N0} ms, worst {worst:N0} ms; all {ground.Answered.Count:N0} stored afterwards"));
    }
}
