using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Ingest;

/// <summary>The sites: who they are, how the link to Wix is for each, and when the next thing is to be asked for one.</summary>
internal sealed class SiteStatements : IDisposable
{
    private static readonly string _stopped = $"({(int)SiteLink.Refused}, {(int)SiteLink.Removed})";

    // The longest pause that Wix can ask for, and the longest interval with its spread; each with room to spare.
    private static readonly TimeSpan _furthestRest = TimeSpan.FromMinutes(65);
    private static readonly TimeSpan _furthestPlan = FollowSchedule.Longest * 1.25;

    private readonly SqlStatement _insert;
    private readonly SqlStatement _find;
    private readonly SqlStatement _dueAt;
    private readonly SqlStatement _heardOf;
    private readonly SqlStatement _removed;
    private readonly SqlStatement _answered;
    private readonly SqlStatement _named;
    private readonly SqlStatement _settle;
    private readonly SqlStatement _start;
    private readonly SqlStatement _importsStart;
    private readonly SqlStatement _askedFor;
    private readonly SqlStatement _importsAskedFor;

    public SiteStatements(SqliteConnection connection)
    {
        _insert = new(connection, "INSERT INTO sites (InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers, NextAsk, NextRecovery, NextNaming) VALUES (@0, @1, 0, 0, 0, @2, @2, @2) ON CONFLICT (InstanceId) DO NOTHING RETURNING RowId", 3);
        _find = new(connection, "SELECT RowId FROM sites WHERE InstanceId = @0", 1);
        _dueAt = new(connection, $"UPDATE sites SET NextAsk = @1 WHERE RowId = @0 AND (NextAsk IS NULL OR NextAsk > @1) AND Link NOT IN {_stopped}", 2);
        _heardOf = new(connection, $"UPDATE sites SET Link = 0, LinkSince = @1, LinkReason = NULL, NextAsk = @1, NextRecovery = @1, NotBefore = NULL, FaultsInARow = 0 WHERE RowId = @0 AND Link = {(int)SiteLink.Removed} AND LinkSince < @2", 3);
        _removed = new(connection, $"UPDATE sites SET Link = {(int)SiteLink.Removed}, LinkSince = @1, LinkReason = @2, NextAsk = NULL WHERE InstanceId = @0 AND Link <> {(int)SiteLink.Removed}", 3);
        _answered = new(connection,
            $"""
            UPDATE sites SET
                LinkSince = CASE WHEN @1 IS NULL OR Link = @1 THEN LinkSince ELSE @2 END, Link = COALESCE(@1, Link),
                LinkReason = CASE WHEN @1 IS NULL THEN LinkReason ELSE @3 END, NotBefore = CASE WHEN @1 IS NULL THEN COALESCE(@4, NotBefore) ELSE @4 END,
                FaultsInARow = CASE WHEN @1 IS NULL THEN FaultsInARow WHEN @1 = {(int)SiteLink.Connected} THEN 0 ELSE FaultsInARow + 1 END,
                FollowedSince = CASE WHEN @1 = {(int)SiteLink.Connected} THEN COALESCE(FollowedSince, @2) ELSE FollowedSince END,
                LastAnswer = CASE WHEN @1 = {(int)SiteLink.Connected} THEN @2 ELSE LastAnswer END,
                OddAnswers = OddAnswers + @5, LastOddAnswer = COALESCE(@6, LastOddAnswer),
                RecoveredTo = COALESCE(@7, RecoveredTo), NextRecovery = COALESCE(@8, NextRecovery), NextNaming = COALESCE(@9, NextNaming)
            WHERE RowId = @0 AND Link <> {(int)SiteLink.Removed}
            """,
            10);
        _named = new(connection, "UPDATE sites SET Name = @1, FoldedName = @2, Url = @3 WHERE RowId = @0", 4);
        _settle = new(connection,
            $"""
            UPDATE sites SET NextAsk = CASE WHEN Link IN {_stopped} THEN NULL ELSE
                (SELECT MIN(Due) FROM (SELECT NextRecovery AS Due UNION ALL SELECT NextNaming UNION ALL SELECT MIN(NextAsk) FROM imports WHERE SiteRowId = @0 AND NextAsk IS NOT NULL)) END
            WHERE RowId = @0
            """,
            1);
        _start = new(connection,
            $"""
            WITH ranked AS (SELECT RowId, @0 + @1 * (ROW_NUMBER() OVER (ORDER BY RowId) - 1) AS Due FROM sites WHERE Link <> {(int)SiteLink.Removed})
            UPDATE sites SET
                LinkSince = CASE WHEN Link = {(int)SiteLink.Refused} THEN @0 ELSE LinkSince END, LinkReason = CASE WHEN Link = {(int)SiteLink.Refused} THEN NULL ELSE LinkReason END,
                Link = CASE WHEN Link = {(int)SiteLink.Refused} THEN 0 ELSE Link END, NextAsk = ranked.Due, NextRecovery = ranked.Due,
                NotBefore = CASE WHEN NotBefore > @2 THEN NULL ELSE NotBefore END
            FROM ranked WHERE ranked.RowId = sites.RowId
            """,
            3);
        _importsStart = new(connection, "UPDATE imports SET NextAsk = @0 WHERE NextAsk > @1", 2);
        _askedFor = new(connection,
            $"""
            UPDATE sites SET
                LinkSince = CASE WHEN Link IN {_stopped} THEN @1 ELSE LinkSince END, LinkReason = CASE WHEN Link IN {_stopped} THEN NULL ELSE LinkReason END, Link = CASE WHEN Link IN {_stopped} THEN 0 ELSE Link END,
                NextAsk = @1, NextRecovery = @1, NextNaming = @1, NotBefore = CASE WHEN Link = {(int)SiteLink.Limited} THEN NotBefore END
            WHERE RowId = @0
            """,
            2);
        _importsAskedFor = new(connection, "UPDATE imports SET NextAsk = @1 WHERE SiteRowId = @0 AND NextAsk > @1", 2);
    }

    /// <summary>The site's row; a new site is due at once, for its name, its past imports and those that move.</summary>
    public long FindOrAdd(SqliteTransaction transaction, string instanceId, DateTimeOffset now)
    {
        var key = IdKey.Pack(instanceId);
        return (long?)_find.Scalar(transaction, key) ?? (long)_insert.Scalar(transaction, key, now, now + FollowSchedule.First)!;
    }

    /// <summary>An event told of an import: something is to be asked soon, and a site that removed the app has it again, if the event is not one from before that came late.</summary>
    public void Heard(SqliteTransaction transaction, long siteRowId, DateTimeOffset at, DateTimeOffset? eventTime, DateTimeOffset? nextAsk)
    {
        _heardOf.Run(transaction, siteRowId, at, eventTime ?? at);
        if (nextAsk is { } due)
        {
            _dueAt.Run(transaction, siteRowId, due);
        }
    }

    /// <summary>The site removed the app.</summary>
    public void Removed(SqliteTransaction transaction, string instanceId, DateTimeOffset at) => _removed.Run(transaction, IdKey.Pack(instanceId), at, "The site removed the app.");

    /// <summary>
    /// Notes how the link is after an answer, and when the next thing is due. Call after the imports' own schedules are written. An answer that was under way when the
    /// site removed the app does not bring the link back.
    /// </summary>
    public void Answered(SqliteTransaction transaction, long siteRowId, SiteAnswer answer, int oddAnswers, string? oddAnswer)
    {
        _answered.Run(
            transaction, siteRowId, answer.Link, answer.At, answer.Reason, answer.NotBefore, (long)oddAnswers, oddAnswer, answer.RecoveredTo, answer.NextRecovery, answer.NextNaming);
        if (answer.SiteName is { } name)
        {
            _named.Run(transaction, siteRowId, name, TextFold.Fold(name), answer.SiteUrl);
        }

        _settle.Run(transaction, siteRowId);
    }

    /// <summary>Makes all sites due, one after another. What was planned further ahead than is ever planned comes from a clock that was wrong, and counts no more.</summary>
    public void Start(SqliteTransaction transaction, FollowingStarts start)
    {
        _start.Run(transaction, start.At, start.Apart.Ticks, start.At + _furthestRest);
        _importsStart.Run(transaction, start.At, start.At + _furthestPlan);
    }

    /// <summary>Makes all of a site due. What Wix asked us to wait is waited.</summary>
    public void AskedFor(SqliteTransaction transaction, SiteIsAskedFor asked)
    {
        var siteRowId = FindOrAdd(transaction, asked.InstanceId, asked.At);
        _askedFor.Run(transaction, siteRowId, asked.At);
        _importsAskedFor.Run(transaction, siteRowId, asked.At);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqlStatement[])[_insert, _find, _dueAt, _heardOf, _removed, _answered, _named, _settle, _start, _importsStart, _askedFor, _importsAskedFor])
        {
            statement.Dispose();
        }
    }
}
