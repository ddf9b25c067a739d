using LoyaltyDashboard.Access;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Ingest;

/// <summary>The sites: who they are, how the link to Wix is for each, and when the next thing is to be asked for one.</summary>
internal sealed class SiteStatements : IDisposable
{
    private static readonly string _stopped = $"({(int)SiteLink.Refused}, {(int)SiteLink.Removed})";

    // The longest pause that Wix can ask for, and the longest interval with its spread; each with room to spare.
    private static readonly TimeSpan _furthestRest = TimeSpan.FromMinutes(65);
    private static readonly TimeSpan _furthestPlan = FollowSchedule.Longest * 1.25;

    private const int MostKnown = 10_000;

    // By instance id, as the database has them. A session that failed is disposed, and this with it.
    private readonly Dictionary<string, KnownSite> _known = [];
    private readonly WriterConnection _connection;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _dueAt;
    private readonly SqliteStatement _heardOf;
    private readonly SqliteStatement _removed;
    private readonly SqliteStatement _answered;
    private readonly SqliteStatement _named;
    private readonly SqliteStatement _settle;
    private readonly SqliteStatement _start;
    private readonly SqliteStatement _importsStart;
    private readonly SqliteStatement _sitesEarlier;
    private readonly SqliteStatement _importsEarlier;
    private readonly SqliteStatement _askedFor;
    private readonly SqliteStatement _importsAskedFor;

    public SiteStatements(WriterConnection connection)
    {
        _connection = connection;
        _insert = connection.Prepare("INSERT INTO sites (InstanceId, FirstSeen, Link, FaultsInARow, OddAnswers, NextAsk, NextRecovery, NextNaming) VALUES (?1, ?2, 0, 0, 0, ?3, ?3, ?3)");
        _find = connection.Prepare("SELECT RowId, Link, NextAsk FROM sites WHERE InstanceId = ?1");
        _dueAt = connection.Prepare($"UPDATE sites SET NextAsk = ?2 WHERE RowId = ?1 AND (NextAsk IS NULL OR NextAsk > ?2) AND Link NOT IN {_stopped}");
        _heardOf = connection.Prepare($"UPDATE sites SET Link = 0, LinkSince = ?2, LinkReason = NULL, NextAsk = ?2, NextRecovery = ?2, NotBefore = NULL, FaultsInARow = 0 WHERE RowId = ?1 AND Link = {(int)SiteLink.Removed} AND LinkSince < ?3");
        _removed = connection.Prepare($"UPDATE sites SET Link = {(int)SiteLink.Removed}, LinkSince = ?2, LinkReason = ?3, NextAsk = NULL WHERE InstanceId = ?1 AND Link <> {(int)SiteLink.Removed}");
        _answered = connection.Prepare(
            $"""
            UPDATE sites SET
                LinkSince = CASE WHEN ?2 IS NULL OR Link = ?2 THEN LinkSince ELSE ?3 END, Link = COALESCE(?2, Link),
                LinkReason = CASE WHEN ?2 IS NULL THEN LinkReason ELSE ?4 END, NotBefore = CASE WHEN ?2 IS NULL THEN COALESCE(?5, NotBefore) ELSE ?5 END,
                FaultsInARow = CASE WHEN ?2 IS NULL THEN FaultsInARow WHEN ?2 = {(int)SiteLink.Connected} THEN 0 ELSE FaultsInARow + 1 END,
                FollowedSince = CASE WHEN ?2 = {(int)SiteLink.Connected} THEN COALESCE(FollowedSince, ?3) ELSE FollowedSince END,
                LastAnswer = CASE WHEN ?2 = {(int)SiteLink.Connected} THEN ?3 ELSE LastAnswer END,
                OddAnswers = OddAnswers + ?6, LastOddAnswer = COALESCE(?7, LastOddAnswer),
                RecoveredTo = COALESCE(?8, RecoveredTo), NextRecovery = COALESCE(?9, NextRecovery), NextNaming = COALESCE(?10, NextNaming)
            WHERE RowId = ?1 AND Link <> {(int)SiteLink.Removed}
            """);
        _named = connection.Prepare("UPDATE sites SET Name = ?2, FoldedName = ?3, Url = ?4 WHERE RowId = ?1");
        _settle = connection.Prepare(
            $"""
            UPDATE sites SET NextAsk = CASE WHEN Link IN {_stopped} THEN NULL ELSE
                (SELECT MIN(Due) FROM (SELECT NextRecovery AS Due UNION ALL SELECT NextNaming UNION ALL SELECT MIN(NextAsk) FROM imports WHERE SiteRowId = ?1 AND NextAsk IS NOT NULL)) END
            WHERE RowId = ?1
            """);
        _start = connection.Prepare(
            $"""
            WITH ranked AS (SELECT RowId, ?1 + ?2 * (ROW_NUMBER() OVER (ORDER BY RowId) - 1) AS Due FROM sites WHERE Link <> {(int)SiteLink.Removed})
            UPDATE sites SET
                LinkSince = CASE WHEN Link = {(int)SiteLink.Refused} THEN ?1 ELSE LinkSince END, LinkReason = CASE WHEN Link = {(int)SiteLink.Refused} THEN NULL ELSE LinkReason END,
                Link = CASE WHEN Link = {(int)SiteLink.Refused} THEN 0 ELSE Link END, NextAsk = ranked.Due, NextRecovery = ranked.Due,
                NotBefore = CASE WHEN NotBefore > ?3 THEN NULL ELSE NotBefore END
            FROM ranked WHERE ranked.RowId = sites.RowId
            """);
        _importsStart = connection.Prepare("UPDATE imports SET NextAsk = ?1 WHERE NextAsk > ?2");
        _sitesEarlier = connection.Prepare("UPDATE sites SET NextAsk = NextAsk - ?1, NextRecovery = NextRecovery - ?1, NextNaming = NextNaming - ?1, NotBefore = NotBefore - ?1");
        _importsEarlier = connection.Prepare("UPDATE imports SET NextAsk = NextAsk - ?1 WHERE NextAsk IS NOT NULL");
        _askedFor = connection.Prepare(
            $"""
            UPDATE sites SET
                LinkSince = CASE WHEN Link IN {_stopped} THEN ?2 ELSE LinkSince END, LinkReason = CASE WHEN Link IN {_stopped} THEN NULL ELSE LinkReason END, Link = CASE WHEN Link IN {_stopped} THEN 0 ELSE Link END,
                NextAsk = ?2, NextRecovery = ?2, NextNaming = ?2, NotBefore = CASE WHEN Link = {(int)SiteLink.Limited} THEN NotBefore END
            WHERE RowId = ?1
            """);
        _importsAskedFor = connection.Prepare("UPDATE imports SET NextAsk = ?2 WHERE SiteRowId = ?1 AND NextAsk > ?2");
    }

    /// <summary>The site's row; a new site is due at once, for its name, its past imports and those that move.</summary>
    public long FindOrAdd(string instanceId, DateTimeOffset now)
    {
        if (_known.TryGetValue(instanceId, out var known))
        {
            return known.RowId;
        }

        var key = IdKey.Pack(instanceId);
        using (var reader = _find.Read(key))
        {
            if (reader.Read())
            {
                return Remember(instanceId, new(reader.Number(0), (SiteLink)reader.Number(1), reader.TimeOrNull(2)));
            }
        }

        var due = now + FollowSchedule.First;
        _insert.Run(key, now, due);
        return Remember(instanceId, new(_connection.LastInsertedRowId, SiteLink.NotAsked, due));
    }

    /// <summary>An event told of an import: something is to be asked soon, and a site that removed the app has it again, if the event is not one from before that came late.</summary>
    public void Heard(string instanceId, long siteRowId, DateTimeOffset at, DateTimeOffset? eventTime, DateTimeOffset? nextAsk)
    {
        var known = _known.GetValueOrDefault(instanceId);
        if (known?.Link == SiteLink.Removed)
        {
            Forget();
            _heardOf.Run(siteRowId, at, eventTime ?? at);
            known = null;
        }

        // Most events of a busy site change nothing here.
        if (nextAsk is { } due && !(known?.NextAsk <= due) && known?.Link != SiteLink.Refused)
        {
            _dueAt.Run(siteRowId, due);
            if (known is not null)
            {
                _known[instanceId] = known with { NextAsk = due };
            }
        }
    }

    /// <summary>The site removed the app.</summary>
    public void Removed(string instanceId, DateTimeOffset at)
    {
        Forget();
        _removed.Run(IdKey.Pack(instanceId), at, "The site removed the app.");
    }

    /// <summary>
    /// Notes how the link is after an answer, and when the next thing is due. Call after the imports' own schedules are written. An answer that was under way when the
    /// site removed the app does not bring the link back.
    /// </summary>
    public void Answered(long siteRowId, SiteAnswer answer, int oddAnswers, string? oddAnswer)
    {
        Forget();
        _answered.Run(
            siteRowId, answer.Link, answer.At, answer.Texts.Reason, answer.NotBefore, (long)oddAnswers, oddAnswer, answer.RecoveredTo, answer.NextRecovery, answer.NextNaming);
        if (answer.Texts.SiteName is { } name)
        {
            _named.Run(siteRowId, name, SearchedText.Of(name), answer.Texts.SiteUrl);
        }

        _settle.Run(siteRowId);
    }

    /// <summary>Makes all sites due, one after another. What was planned further ahead than is ever planned comes from a clock that was wrong, and counts no more.</summary>
    public void Start(FollowingStarts start)
    {
        Forget();
        _start.Run(start.At, start.Apart.Ticks, start.At + _furthestRest);
        _importsStart.Run(start.At, start.At + _furthestPlan);
    }

    /// <summary>Moves all that is planned to where it stands by a clock that was set back.</summary>
    public void ClockWentBack(TimeSpan by)
    {
        Forget();
        _sitesEarlier.Run(by.Ticks);
        _importsEarlier.Run(by.Ticks);
    }

    /// <summary>Makes all of a site due. What Wix asked us to wait is waited.</summary>
    public void AskedFor(SiteIsAskedFor asked)
    {
        var siteRowId = FindOrAdd(asked.InstanceId, asked.At);
        Forget();
        _askedFor.Run(siteRowId, asked.At);
        _importsAskedFor.Run(siteRowId, asked.At);
    }

    /// <summary>Reads all sites anew. Whatever changes them is rare beside events.</summary>
    public void Forget() => _known.Clear();

    private long Remember(string instanceId, KnownSite site)
    {
        // Sites are few. Should they be many, memory stays bounded and the database is asked again.
        if (_known.Count >= MostKnown)
        {
            Forget();
        }

        _known[instanceId] = site;
        return site.RowId;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_insert, _find, _dueAt, _heardOf, _removed, _answered, _named, _settle, _start, _importsStart, _sitesEarlier, _importsEarlier, _askedFor, _importsAskedFor])
        {
            statement.Dispose();
        }
    }

    private sealed record KnownSite(long RowId, SiteLink Link, DateTimeOffset? NextAsk);
}
