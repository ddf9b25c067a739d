using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Which row of a table has a key. A unique index whose keys fall at random costs every commit a page of log for each row. This one follows the commits: the newest keys are in
/// memory, and go into the table of keys many at a time, in their order, so that one page takes several. Nothing is lost with the memory, for the rows themselves hold their keys:
/// what the table of keys does not have yet is read from them at the start.
/// </summary>
/// <remarks>
/// Only the writer adds rows, and it asks here before it does; that makes a key unique. What is answered is where to look: the caller reads the row and sees whether it has the key,
/// for a person with a shell may have removed it. Whoever closes a transaction without committing it has to open a new connection, and with it new keys.
/// </remarks>
public sealed class UniqueKeys : IDisposable
{
    /// <summary>Keys that are in memory alone at most, but for those of one batch. From here on they are settled even while others wait. Other readers look through so many rows for a key, which takes some 10 ms.</summary>
    public const int MostBehind = 32_768;

    /// <summary>Keys of one step.</summary>
    public const int KeysPerStep = 1_024;

    private static readonly Comparer _comparer = new();

    private readonly WriterConnection _connection;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _readTail;
    private readonly SqliteStatement _settle;
    private readonly SqliteStatement _reach;
    private Dictionary<byte[], long> _recent = new(_comparer);
    private Round? _round;
    private bool _isLoaded;

    /// <summary>Prepares it for one table.</summary>
    /// <param name="connection">The writer's own; it is disposed after this.</param>
    /// <param name="table">The table whose rows have the keys.</param>
    /// <param name="column">Its column of keys.</param>
    /// <param name="keys">The table of keys.</param>
    public UniqueKeys(WriterConnection connection, string table, string column, string keys)
    {
        _connection = connection;
        _find = connection.Prepare($"SELECT RowId FROM {keys} WHERE Key = ?1");
        _readTail = connection.Prepare($"SELECT {column}, RowId FROM {table} NOT INDEXED WHERE RowId > (SELECT SettledTo FROM key_state WHERE Keys = '{keys}') AND {column} IS NOT NULL");
        _settle = connection.Prepare($"INSERT INTO {keys} (Key, RowId) VALUES (?1, ?2) ON CONFLICT (Key) DO UPDATE SET RowId = excluded.RowId");
        _reach = connection.Prepare($"UPDATE key_state SET SettledTo = ?1 WHERE Keys = '{keys}'");
    }

    /// <summary>Whether so many are in memory alone that other readers feel it.</summary>
    public bool IsFarBehind => _round is not null || _recent.Count > MostBehind;

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
    public void Add(byte[] key, long rowId) => _recent[key] = rowId;

    /// <summary>Reads what the table of keys does not have. Before the first question, and when somebody else has written.</summary>
    /// <exception cref="SqliteException">The database could not be read.</exception>
    public void Reload()
    {
        _recent = new(_comparer);
        _round = null;
        using var rows = _readTail.Read();
        while (rows.Read())
        {
            _recent[rows.Bytes(0)] = rows.Number(1);
        }

        _isLoaded = true;
    }

    /// <summary>One step, in a transaction of its own. Waits for nobody: a database that is locked gets no step.</summary>
    /// <returns>Whether there is more to do.</returns>
    /// <exception cref="SqliteException">The database could not be written. Nothing of the step remains.</exception>
    public bool Step()
    {
        if (!_isLoaded)
        {
            Reload();
        }

        if (_round is null && _recent.Count == 0)
        {
            return false;
        }

        var round = _round ?? new Round(_recent);
        using (var transaction = _connection.BeginUnlessLocked())
        {
            if (transaction is null)
            {
                return false;
            }

            var end = Math.Min(round.Keys.Length, round.Settled + KeysPerStep);
            for (; round.Settled < end; round.Settled++)
            {
                var key = round.Keys[round.Settled];
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
            (_round, _recent) = (round, new(_comparer));
        }

        if (round.IsSettled)
        {
            _round = null;
        }

        _connection.TendLog();
        return _round is not null || _recent.Count > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _find.Dispose();
        _readTail.Dispose();
        _settle.Dispose();
        _reach.Dispose();
    }

    // The keys that go into the table together, in their order. How far it is settled is not stored: what is settled twice changes nothing.
    private sealed class Round
    {
        public Round(Dictionary<byte[], long> rows)
        {
            Rows = rows;
            LastRow = rows.Values.Max();
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
