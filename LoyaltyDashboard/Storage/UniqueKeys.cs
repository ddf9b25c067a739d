using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Which row of a table has a key. A unique index whose keys fall at random costs every commit a page of log for each row. This one follows the commits: the newest keys are in
/// memory, and go into the table of keys many at a time, in their order, so that one page takes several. Nothing is lost with the memory, for the rows themselves hold their keys:
/// what the table of keys does not have yet is read from them at the start.
/// </summary>
/// <remarks>
/// Only the writer adds rows, and it asks here before it does; that makes a key unique. What is answered is where to look: the caller reads the row and sees whether it has the key,
/// for a person with a shell may have removed it. Whatever such a person writes, the keys in memory are read anew before they are used again. Whoever ends a transaction without
/// committing it has to open a new connection, and with it new keys.
/// </remarks>
public sealed class UniqueKeys : IDisposable
{
    /// <summary>
    /// Keys from which they are settled even while others wait. Until a round of them is settled, half as many more may come. So many rows other readers look through for a key.
    /// </summary>
    public const int MostBehind = 32_768;

    /// <summary>Keys of one step at most.</summary>
    public const int KeysPerStep = 1_024;

    // An id may be as long as a body, where a site's own code chooses it.
    private const int MostBytesBehind = 16 * 1024 * 1024;
    private const int BytesPerStep = 1024 * 1024;

    private static readonly Comparer _comparer = new();

    private readonly WriterConnection _connection;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _bound;
    private readonly SqliteStatement _readTail;
    private readonly SqliteStatement _lastRow;
    private readonly SqliteStatement _rowsAbove;
    private readonly SqliteStatement _settle;
    private readonly SqliteStatement _reach;
    private readonly SqliteStatement _remove;
    private Dictionary<byte[], long> _recent = new(_comparer);
    private Round? _round;
    private long _recentBytes;
    private long? _version;

    /// <summary>Prepares it for one table.</summary>
    /// <param name="connection">The writer's own; it is disposed after this.</param>
    /// <param name="table">The table whose rows have the keys.</param>
    /// <param name="column">Its column of keys.</param>
    /// <param name="keys">The table of keys.</param>
    public UniqueKeys(WriterConnection connection, string table, string column, string keys)
    {
        _connection = connection;
        _find = connection.Prepare($"SELECT RowId FROM {keys} WHERE Key = ?1");
        _bound = connection.Prepare(
            $"INSERT INTO key_state (Keys, SettledTo) VALUES ('{keys}', 0) ON CONFLICT (Keys) DO UPDATE SET SettledTo = min(SettledTo, (SELECT coalesce(max(RowId), 0) FROM {table}))");
        _lastRow = connection.Prepare($"SELECT coalesce(max(RowId), 0) FROM {table}");
        _rowsAbove = connection.Prepare($"SELECT (SELECT coalesce(max(RowId), 0) FROM {table}) - coalesce((SELECT SettledTo FROM key_state WHERE Keys = '{keys}'), 0)");
        _readTail = connection.Prepare($"SELECT {column}, RowId FROM {table} NOT INDEXED WHERE RowId > (SELECT SettledTo FROM key_state WHERE Keys = '{keys}') AND {column} IS NOT NULL");
        _settle = connection.Prepare($"INSERT INTO {keys} (Key, RowId) VALUES (?1, ?2) ON CONFLICT (Key) DO UPDATE SET RowId = excluded.RowId");
        _remove = connection.Prepare($"DELETE FROM {keys} WHERE Key = ?1 AND RowId = ?2");
        _reach = connection.Prepare($"UPDATE key_state SET SettledTo = ?1 WHERE Keys = '{keys}'");
    }

    /// <summary>Whether so many are in memory alone that other readers feel it, or a round of them is under way.</summary>
    public bool IsFarBehind => _round is not null || _recent.Count > MostBehind || _recentBytes > MostBytesBehind;

    /// <summary>Whether more come than one step at a time can settle.</summary>
    public bool IsFallingBehind => _round is not null && (_recent.Count > MostBehind || _recentBytes > MostBytesBehind);

    /// <summary>The row that a key was last added for.</summary>
    /// <exception cref="SqliteException">The database could not be read.</exception>
    public long? Find(byte[] key)
    {
        if (_recent.TryGetValue(key, out var rowId) || (_round is { } round && round.Rows.TryGetValue(key, out rowId)))
        {
            return rowId;
        }

        return (long?)_find.Scalar(key);
    }

    /// <summary>Notes the key of a row that is written in the same transaction. A key that another row had moves to this one.</summary>
    public void Add(byte[] key, long rowId)
    {
        _recent[key] = rowId;
        _recentBytes += key.Length;
    }

    /// <summary>
    /// Forgets the key of a row that is removed in the same transaction, unless it has moved to another row. A key that is just being settled may be settled all the same: it leads to
    /// a row that is not there, which means as much.
    /// </summary>
    public void Remove(byte[] key, long rowId)
    {
        if (_recent.TryGetValue(key, out var recent) && recent == rowId)
        {
            _recent.Remove(key);
            _recentBytes -= key.Length;
        }

        _remove.Run(key, rowId);
    }

    /// <summary>Reads what the table of keys does not have. Inside a transaction: before the first question, and when somebody else has written.</summary>
    /// <exception cref="SqliteException">The database could not be read or written.</exception>
    public void Reload()
    {
        // Rows that somebody took away may come again with the same numbers, and must not seem to be settled.
        _bound.Run();
        BeginRecent();
        _round = null;
        using var rows = _readTail.Read();
        while (rows.Read())
        {
            Add(rows.Bytes(0), rows.Number(1));
        }

        _version = _connection.DataVersion;
    }

    /// <summary>One step, in a transaction of its own. Waits for nobody: a database that is locked gets no step.</summary>
    /// <returns>Whether there is more to do.</returns>
    /// <exception cref="SqliteException">The database could not be written. Nothing of the step remains.</exception>
    public bool Step()
    {
        // Asked outside the transaction, so that one who has nothing to do takes no lock.
        if (_version is not null && !HasKeys && (long)_rowsAbove.Scalar()! < MostBehind)
        {
            return false;
        }

        Round round;
        using (var transaction = _connection.BeginUnlessLocked())
        {
            if (transaction is null)
            {
                return false;
            }

            if (_version != _connection.DataVersion)
            {
                Reload();
            }

            // All rows that there are now have their keys here or in the table, or have none.
            round = _round ?? new Round(_recent, (long)_lastRow.Scalar()!);
            for (var (count, bytes) = (0, 0); count < KeysPerStep && bytes < BytesPerStep && !round.IsSettled; count++, round.Settled++)
            {
                var key = round.Keys[round.Settled];
                bytes += key.Length;
                _settle.Run(key, round.Rows[key]);
            }

            if (round.IsSettled)
            {
                _reach.Run(round.LastRow);
            }

            transaction.Commit();
        }

        if (_round is null)
        {
            // What is added from here on belongs to the next round: it is above the last row of this one.
            BeginRecent();
        }

        _round = round.IsSettled ? null : round;
        _connection.TendLog();
        return HasKeys;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in (SqliteStatement[])[_find, _bound, _readTail, _lastRow, _rowsAbove, _settle, _reach, _remove])
        {
            statement.Dispose();
        }
    }

    private bool HasKeys => _round is not null || _recent.Count > 0;

    private void BeginRecent() => (_recent, _recentBytes) = (new(_comparer), 0);

    // The keys that go into the table together, in their order. How far it is settled is not stored: what is settled twice changes nothing.
    private sealed class Round
    {
        public Round(Dictionary<byte[], long> rows, long lastRow)
        {
            (Rows, LastRow) = (rows, lastRow);
            Keys = [.. rows.Keys];
            Array.Sort(Keys, (one, other) => one.AsSpan().SequenceCompareTo(other));
        }

        public Dictionary<byte[], long> Rows { get; }

        public byte[][] Keys { get; }

        public long LastRow { get; }

        public int Settled { get; set; }

        public bool IsSettled => Settled == Keys.Length;
    }

    private sealed class Comparer : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] key)
        {
            var hash = new HashCode();
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}
