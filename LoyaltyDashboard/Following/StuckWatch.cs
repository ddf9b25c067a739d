using System.Data.Common;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Ingest;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Following;

/// <summary>
/// Marks imports that stay in PARSING or IMPORTING longer than imports of their size usually do. Only what Wix was seen to show counts: an import that could not be asked
/// for is old news, not stuck. The writer takes the mark away when the import moves.
/// </summary>
public sealed class StuckWatch(IDbContextFactory<DashboardDb> databases, IngestQueue queue, TimeProvider time, ILogger<StuckWatch> logger) : BackgroundService
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private const int LooksBetweenLessons = 20;
    private const int MostToLearnFrom = 2_000;
    private const int MostToJudge = 10_000;

    private static readonly string _moving = $"SELECT i.* FROM {ListIndexes.Imports(ListIndexes.LastSeen)} WHERE {ListIndexes.Moving} ORDER BY LastSeen DESC LIMIT {MostToJudge}";

    /// <summary>Judges all that are in PARSING or IMPORTING and not marked yet.</summary>
    /// <returns>How many were judged stuck and written so; one that moved meanwhile counts too.</returns>
    public async Task<int> LookAsync(StageLimits limits, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        // Those seen last are judged first: what has not been seen lately cannot be told to be stuck.
        var moving = await database.Imports.FromSqlRaw(_moving).AsNoTracking()
            .Select(i => new
            {
                i.Id,
                i.Status,
                i.FileSize,
                i.LastSeen,
                i.EntityHash,
                Since = database.Observations.Where(o => o.ImportRowId == i.RowId && o.Status == (i.Status == ImportStatus.Parsing ? "PARSING" : "IMPORTING")).Min(o => o.Updated ?? o.ObservedAt),
            })
            .ToListAsync(cancellation);
        var stuck = moving
            .Select(i => (Import: i, Limit: limits.Of(i.Status, i.FileSize)))
            .Where(i => i.Limit is { } limit && i.Import.LastSeen - i.Import.Since > limit.Limit)
            .Select(i => new StuckImport(i.Import.Id, i.Import.EntityHash, i.Limit!.Value.Reason))
            .ToList();
        if (stuck.Count > 0)
        {
            return await queue.EnqueueAsync(new StuckImports(time.GetUtcNow(), stuck), cancellation) is { Status: IngestStatus.Committed } ? stuck.Count : 0;
        }

        return 0;
    }

    /// <summary>Learns from the newest imports that are through.</summary>
    public async Task<StageLimits> LearnAsync(CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);

        // The plus keeps the index on the status out of it: by that one, all that were ever finished would be gathered and sorted.
        var finished = database.Imports.FromSql($"SELECT * FROM imports WHERE +Status IN ({(int)ImportStatus.Imported}, {(int)ImportStatus.Failed}) ORDER BY RowId DESC LIMIT {MostToLearnFrom}");
        var seen = await finished.AsNoTracking()
            .Join(database.Observations, i => i.RowId, o => o.ImportRowId, (i, o) => new { i.RowId, i.FileSize, o.Status, At = o.Updated ?? o.ObservedAt })
            .ToListAsync(cancellation);
        return new(seen.GroupBy(s => s.RowId).SelectMany(sightings =>
        {
            var first = sightings.GroupBy(s => ImportStatusWords.Parse(s.Status)).ToDictionary(g => g.Key, g => g.Min(s => s.At));
            return Durations(first, sightings.First().FileSize);
        }));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            StageLimits limits = new([]);
            for (var look = 0; ; look++)
            {
                await Task.Delay(Interval, time, stoppingToken);
                try
                {
                    limits = look % LooksBetweenLessons == 0 ? await LearnAsync(stoppingToken) : limits;
                    await LookAsync(limits, stoppingToken);
                }
                catch (DbException exception)
                {
                    logger.LogWarning("Imports could not be looked at for being stuck: {Reason}", exception.Message);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // It would end the program.
                    logger.LogError(exception, "Looking for stuck imports met an unexpected fault and goes on");
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    // A stage counts only where its end was seen as such: waiting for a person between PARSED and IMPORTING is nobody's slowness.
    private static IEnumerable<StageDuration> Durations(Dictionary<ImportStatus, DateTimeOffset> first, long? fileSize)
    {
        (ImportStatus Stage, ImportStatus[] Ends)[] stages = [(ImportStatus.Parsing, [ImportStatus.Parsed, ImportStatus.Failed]), (ImportStatus.Importing, [ImportStatus.Imported, ImportStatus.Failed])];
        foreach (var (stage, ends) in stages)
        {
            var after = ends.Where(first.ContainsKey).Select(end => first[end]).ToList();
            if (first.TryGetValue(stage, out var began) && after.Count > 0 && after.Min() >= began)
            {
                yield return new(stage, fileSize, after.Min() - began);
            }
        }
    }
}
