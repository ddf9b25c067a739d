using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Puts imports into the indexes whose keys fall at random. It follows the commits in steps of its own, many imports at once: then a page is written once for all of them, where
/// each commit alone would write a page per index for each import. Rows above <c>list_state.SettledTo</c> are in none of these indexes, and a list reads them beside.
/// </summary>
public sealed class ListSettling : IDisposable
{
    /// <summary>Imports of a step while nobody waits: few, for whoever comes meanwhile waits for it.</summary>
    public const int RowsPerStep = 256;

    /// <summary>Imports that a list reads beside its index at most, but for those of one batch. From here on they are settled even while others wait.</summary>
    public const int MostBehind = 8_192;

    private readonly WriterConnection _connection;
    private readonly SqliteStatement _behind;
    private readonly SqliteStatement _last;
    private readonly SqliteStatement _settle;
    private readonly SqliteStatement _reach;

    /// <summary>Prepares the steps.</summary>
    /// <param name="connection">The writer's own; it is disposed after this.</param>
    public ListSettling(WriterConnection connection)
    {
        _connection = connection;
        _behind = connection.Prepare("SELECT (SELECT coalesce(max(RowId), 0) FROM imports) - (SELECT SettledTo FROM list_state)");
        _last = connection.Prepare("SELECT max(RowId) FROM (SELECT RowId FROM imports WHERE RowId > (SELECT SettledTo FROM list_state) ORDER BY RowId LIMIT ?1)");
        _settle = connection.Prepare("UPDATE imports SET Settled = 1 WHERE RowId > (SELECT SettledTo FROM list_state) AND RowId <= ?1 AND Settled IS NULL");
        _reach = connection.Prepare("UPDATE list_state SET SettledTo = ?1");
    }

    /// <summary>Whether so many are not settled yet that lists feel it.</summary>
    /// <exception cref="SqliteException">The database could not be read.</exception>
    public bool IsFarBehind => (long)_behind.Scalar()! > MostBehind;

    /// <summary>One step, in a transaction of its own. Waits for nobody: a database that is locked gets no step.</summary>
    /// <param name="rows">Imports at most.</param>
    /// <returns>Whether there may be more to do.</returns>
    /// <exception cref="SqliteException">The database could not be written. Nothing of the step remains.</exception>
    public bool Step(int rows = RowsPerStep)
    {
        // Asked outside the transaction, so that one who has nothing to do takes no lock.
        if (_last.Scalar(rows) is not long last)
        {
            return false;
        }

        using (var transaction = _connection.BeginUnlessLocked())
        {
            if (transaction is null)
            {
                return false;
            }

            _settle.Run(last);
            _reach.Run(last);
            transaction.Commit();
        }

        _connection.TendLog();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _behind.Dispose();
        _last.Dispose();
        _settle.Dispose();
        _reach.Dispose();
    }
}
