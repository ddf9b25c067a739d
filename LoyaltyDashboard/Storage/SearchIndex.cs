using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// The writer's side of the search index: three letters each, and the imports whose text has them. It follows <c>import_texts</c> in small steps of its own transactions; what
/// it has not reached yet is in <c>search_state</c> (all rows above) and <c>search_changes</c> (rows below whose text changed or went since), and is searched row by row. So a
/// commit of the writer never pays for the index, and a search is right however far it lags.
/// </summary>
/// <remarks>
/// <para>The texts themselves are not kept twice: an entry is removed by the text that made it, which <c>search_changes</c> holds, so none is ever left behind. Removing makes a
/// mark that a later merge settles. The texts hold addresses masked, so that what waits for a merge names nobody: FTS5's
/// own 'secure-delete', which would take entries out at once, stays off, for it makes each change of a text many times as dear.</para>
/// <para>An index that is gone, or that SQLite finds broken, is made anew. One that was overwritten with something that looks whole can be told only by <c>PRAGMA integrity_check</c>;
/// dropping the table <c>import_search</c> mends it.</para>
/// </remarks>
public sealed class SearchIndex : IDisposable
{
    /// <summary>Rows above the index that a search may have to read one by one before the index is to follow even while others write; they take some 15 ms.</summary>
    public const int MostBehind = 50_000;

    /// <summary>Rows of one step: some 2 ms, and as much again for merging.</summary>
    public const int RowsPerStep = 128;

    /// <summary>The table, made empty. A merge of many pages at once would make everybody wait, so nothing merges by itself.</summary>
    internal static readonly IReadOnlyList<string> Definition =
    [
        "CREATE VIRTUAL TABLE import_search USING fts5(Folded, content='import_texts', content_rowid='RowId', columnsize=0, detail=none, tokenize='trigram case_sensitive 1')",
        "INSERT INTO import_search(import_search, rank) VALUES ('automerge', 0)",
        "INSERT INTO import_search(import_search, rank) VALUES ('crisismerge', 1000)",
    ];

    private const int PagesPerMerge = 64;

    private static readonly string _firstChanges = $"(SELECT RowId FROM search_changes ORDER BY RowId LIMIT {RowsPerStep})";
    private static readonly string _nextRows = $"(SELECT RowId FROM import_texts WHERE RowId > (SELECT IndexedTo FROM search_state) ORDER BY RowId LIMIT {RowsPerStep})";

    private readonly WriterConnection _connection;
    private readonly List<SqliteStatement> _statements = [];
    private readonly SqliteStatement _isThere;
    private readonly SqliteStatement _isBehind;
    private readonly SqliteStatement _hasChanges;
    private readonly SqliteStatement _removeOld;
    private readonly SqliteStatement _addNew;
    private readonly SqliteStatement _forget;
    private readonly SqliteStatement _lastOfNext;
    private readonly SqliteStatement _addNext;
    private readonly SqliteStatement _reach;
    private readonly SqliteStatement _merge;

    /// <summary>Prepares the steps, and makes the table if it is lost.</summary>
    /// <param name="connection">The writer's own; it is disposed after this.</param>
    /// <exception cref="SqliteException">The database could not be read, or the table not be made.</exception>
    public SearchIndex(WriterConnection connection)
    {
        _connection = connection;
        try
        {
            _isThere = Prepare("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'import_search')");
            if (!IsThere)
            {
                MakeAnew();
            }

            _isBehind = Prepare(
                $"""
                SELECT (SELECT coalesce(max(RowId), 0) FROM import_texts) - (SELECT IndexedTo FROM search_state) > {MostBehind}
                OR EXISTS (SELECT 1 FROM search_changes LIMIT 1 OFFSET {MostBehind / 4})
                """);
            _hasChanges = Prepare("SELECT EXISTS (SELECT 1 FROM search_changes)");
            _removeOld = Prepare($"INSERT INTO import_search(import_search, rowid, Folded) SELECT 'delete', RowId, Indexed FROM search_changes WHERE RowId IN {_firstChanges}");
            _addNew = Prepare($"INSERT INTO import_search(rowid, Folded) SELECT RowId, Folded FROM import_texts WHERE RowId IN {_firstChanges} ORDER BY RowId");
            _forget = Prepare($"DELETE FROM search_changes WHERE RowId IN {_firstChanges}");
            _lastOfNext = Prepare($"SELECT max(RowId) FROM {_nextRows}");
            _addNext = Prepare($"INSERT INTO import_search(rowid, Folded) SELECT RowId, Folded FROM import_texts WHERE RowId IN {_nextRows} ORDER BY RowId");
            _reach = Prepare("UPDATE search_state SET IndexedTo = ?1");
            _merge = Prepare($"INSERT INTO import_search(import_search, rank) VALUES ('merge', {PagesPerMerge})");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether so much is not indexed yet that searches feel it.</summary>
    /// <exception cref="SqliteException">The database could not be read.</exception>
    public bool IsFarBehind => (long)_isBehind.Scalar()! != 0;

    private bool IsThere => (long)_isThere.Scalar()! != 0;

    /// <summary>One step, in a transaction of its own: some rows, and some merging. Waits for nobody: a database that is locked gets no step.</summary>
    /// <returns>Whether there may be more to do.</returns>
    /// <exception cref="SqliteException">The database could not be written. Nothing of the step remains.</exception>
    public bool Step()
    {
        try
        {
            bool isMore;
            using (var transaction = _connection.BeginUnlessLocked())
            {
                if (transaction is null)
                {
                    return false;
                }

                isMore = Follow();
                transaction.Commit();
            }

            _connection.TendLog();
            return isMore;
        }
        catch (SqliteException exception) when (exception.SqliteExtendedErrorCode == raw.SQLITE_CORRUPT_VTAB || (exception.SqliteErrorCode == raw.SQLITE_ERROR && !IsThere))
        {
            // What can be made again is not worth a repair.
            MakeAnew();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _statements.ForEach(statement => statement.Dispose());

    private bool Follow()
    {
        var isMore = false;
        if ((long)_hasChanges.Scalar()! != 0)
        {
            _removeOld.Run();
            _addNew.Run();
            _forget.Run();
            isMore = true;
        }
        else if (_lastOfNext.Scalar() is long last)
        {
            _addNext.Run();
            _reach.Run(last);
            isMore = true;
        }

        // A merge that found nothing to do still counts one change.
        var before = _connection.TotalChanges;
        _merge.Run();
        return isMore || _connection.TotalChanges - before > 1;
    }

    // Dropping a large index is the one step that is not small. It happens once, when the index was broken, and searches meanwhile read row by row.
    private void MakeAnew()
    {
        using var transaction = _connection.Begin();
        foreach (var sql in (string[])["DROP TABLE IF EXISTS import_search", .. Definition, "DELETE FROM search_changes", "UPDATE search_state SET IndexedTo = 0"])
        {
            using var statement = _connection.Prepare(sql);
            statement.Run();
        }

        transaction.Commit();
    }

    private SqliteStatement Prepare(string sql)
    {
        var statement = _connection.Prepare(sql);
        _statements.Add(statement);
        return statement;
    }
}
