using System.Collections.Frozen;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>
/// The addresses that are to be forgotten wherever they come from: keyed hashes, so that the list itself names nobody. It is in memory, for every door asks it; while it is empty, that costs
/// nothing.
/// </summary>
public sealed class Forgotten(SqliteConnectionStringBuilder connection, PersonalHash hashes)
{
    private readonly Lock _gate = new();
    private volatile FrozenSet<string>? _known;
    private int _version;

    /// <summary>Another number once an address was added: what was judged before is to be judged again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>Whether there is nobody to forget.</summary>
    /// <exception cref="SqliteException">The list could not be read.</exception>
    public bool IsEmpty => Known.Count == 0;

    /// <summary>Whether an address is to be forgotten.</summary>
    /// <exception cref="SqliteException">The list could not be read.</exception>
    public bool Holds(string address) => Known is { Count: > 0 } known && known.Contains(Convert.ToHexString(hashes.OfForgotten(PersonalHash.Folded(address))));

    /// <summary>Adds an address, durable when this returns. From then on no door lets it in.</summary>
    /// <returns>False, if it was on the list already.</returns>
    /// <exception cref="SqliteException">It could not be stored.</exception>
    public bool Add(string address, DateTimeOffset at)
    {
        var hash = hashes.OfForgotten(PersonalHash.Folded(address));
        lock (_gate)
        {
            using var database = SqliteSetup.Open(connection.ConnectionString);
            using var transaction = ImmediateTransaction.Begin(database);
            using var insert = new SqliteStatement(database.Handle!, "INSERT INTO forgotten (Hash, At) VALUES (?1, ?2) ON CONFLICT (Hash) DO NOTHING");
            var isNew = insert.Run(hash, at) > 0;
            transaction.Commit();
            _known = Read(database);
            Interlocked.Increment(ref _version);
            return isNew;
        }
    }

    private FrozenSet<string> Known
    {
        get
        {
            if (_known is { } known)
            {
                return known;
            }

            lock (_gate)
            {
                if (_known is null)
                {
                    using var database = SqliteSetup.Open(connection.ConnectionString);
                    _known = Read(database);
                }

                return _known;
            }
        }
    }

    private static FrozenSet<string> Read(SqliteConnection database)
    {
        using var command = database.CreateCommand();
        command.CommandText = "SELECT hex(Hash) FROM forgotten";
        using var rows = command.ExecuteReader();
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (rows.Read())
        {
            known.Add(rows.GetString(0));
        }

        return known.ToFrozenSet(StringComparer.Ordinal);
    }
}
