using System.Text.Json;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>An account as far as it matters to who may what.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Name">Its e-mail address.</param>
/// <param name="Role">Its role; none while it is shut.</param>
/// <param name="Sites">Its sites; null: all.</param>
/// <param name="HasWayIn">Whether it has a password, a passkey or a provider; without, only the development link signs it in.</param>
public sealed record KnownAccount(long Id, string Name, Role Role, IReadOnlyList<string>? Sites, bool HasWayIn);

/// <summary>An API key that works.</summary>
/// <param name="RowId">Its row.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">Its role.</param>
/// <param name="Sites">Its sites; null: all.</param>
/// <param name="IsConfigured">Whether it stands in the configuration.</param>
public sealed record KnownKey(long RowId, string Name, Role Role, IReadOnlyList<string>? Sites, bool IsConfigured);

/// <summary>
/// Accounts, open sessions and API keys, in memory, so that each question can be asked with what holds at this moment. There is one process, and whoever changes one of the three in
/// the database calls <see cref="ReloadAsync"/> before saying that it is done. What cannot be read leaves what was known.
/// </summary>
public sealed class AccessDirectory(SqliteConnectionStringBuilder connection, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private volatile bool _isBehind;
    private volatile Known _known = new([], [], [], []);

    /// <summary>Raised after each change, on the thread that made it. Handlers must be quick and must not throw.</summary>
    public event Action? Changed;

    /// <summary>Whether there is an account with an address.</summary>
    public bool HasAccount(Predicate<string> isIts) => _known.Accounts.Values.Any(account => isIts(account.Name));

    /// <summary>Whether nobody can sign in yet.</summary>
    public bool IsEmpty => !_known.Accounts.Values.Any(account => account.HasWayIn);

    /// <summary>Keys of the configuration that work.</summary>
    public IEnumerable<KnownKey> ConfiguredKeys => _known.Keys.Values.Where(key => key.IsConfigured);

    /// <summary>The account of an open session; null when there is none, or no longer.</summary>
    /// <param name="hash">Of the session's secret.</param>
    public KnownAccount? OfSession(byte[] hash) =>
        _known.Sessions.TryGetValue(Convert.ToHexString(hash), out var session) && session.Expires > time.GetUtcNow() ? _known.Accounts.GetValueOrDefault(session.AccountId) : null;

    /// <summary>A key that works.</summary>
    /// <param name="hash">Of the key.</param>
    public KnownKey? OfKey(byte[] hash) => _known.Keys.GetValueOrDefault(Convert.ToHexString(hash));

    /// <inheritdoc cref="OfKey"/>
    public KnownKey? Key(long rowId) => _known.KeysByRow.GetValueOrDefault(rowId);

    /// <summary>An account; null if there is none of that row.</summary>
    public KnownAccount? Account(long id) => _known.Accounts.GetValueOrDefault(id);

    /// <summary>How an actor of the audit log is called on a page: an account by its address, a key by its name.</summary>
    public string NameOf(string actor) => actor.Split(':') switch
    {
        ["user", var id] when long.TryParse(id, out var row) => Account(row)?.Name ?? $"removed user {id}",
        ["key", var id] when long.TryParse(id, out var row) => Key(row) is { } key ? $"key {key.Name}" : $"revoked key {id}",
        _ => actor,
    };

    /// <summary>Reads all three anew. What was changed and could not be read holds as soon as <see cref="TryCatchUpAsync"/> can.</summary>
    public async Task ReloadAsync(CancellationToken cancellation = default)
    {
        _isBehind = true;
        await _turn.WaitAsync(cancellation);
        try
        {
            _isBehind = false;
            _known = Read();
        }
        catch
        {
            _isBehind = true;
            throw;
        }
        finally
        {
            _turn.Release();
        }

        Changed?.Invoke();
    }

    /// <summary>Reads what an earlier <see cref="ReloadAsync"/> could not, if there is such: a right that was taken away must not stay because the database was busy in that moment.</summary>
    internal async Task TryCatchUpAsync()
    {
        if (!_isBehind)
        {
            return;
        }

        try
        {
            await ReloadAsync();
        }
        catch (SqliteException)
        {
            // The next beat tries again.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    // Past EF Core, which takes longer to wake up than all the rest of a start.
    private Known Read()
    {
        using var database = SqliteSetup.Open(connection.ConnectionString);
        var accounts = Rows(database, "SELECT Id, Email, Role, Sites, Disabled, PasswordHash IS NOT NULL OR EXISTS (SELECT 1 FROM account_passkeys p WHERE p.UserId = a.Id) OR EXISTS (SELECT 1 FROM account_logins l WHERE l.UserId = a.Id) FROM accounts a", row =>
            new KnownAccount(row.GetInt64(0), row.IsDBNull(1) ? string.Empty : row.GetString(1), row.IsDBNull(4) ? (Role)row.GetInt32(2) : Role.None, Sites(row, 3), row.GetBoolean(5)));
        var sessions = Rows(database, "SELECT Hash, AccountId, Expires FROM sessions", row => new KnownSession(Hex(row, 0), row.GetInt64(1), UtcTicks.To(row.GetInt64(2))));
        var keys = Rows(database, "SELECT RowId, Name, Role, Sites, Hash, IsConfigured FROM api_keys WHERE Revoked IS NULL", row =>
            new HashedKey(Hex(row, 4), new(row.GetInt64(0), row.GetString(1), (Role)row.GetInt32(2), Sites(row, 3), row.GetBoolean(5))));
        return new(
            accounts.ToDictionary(account => account.Id), sessions.ToDictionary(session => session.Hash),
            keys.ToDictionary(key => key.Hash, key => key.Key), keys.ToDictionary(key => key.Key.RowId, key => key.Key));
    }

    private static List<T> Rows<T>(SqliteConnection database, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
        {
            all.Add(read(rows));
        }

        return all;
    }

    private static string Hex(SqliteDataReader row, int column) => Convert.ToHexString(row.GetFieldValue<byte[]>(column));

    // As EF Core writes a list.
    private static List<string>? Sites(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : JsonSerializer.Deserialize<List<string>>(row.GetString(column));

    private sealed record KnownSession(string Hash, long AccountId, DateTimeOffset Expires);

    private sealed record HashedKey(string Hash, KnownKey Key);

    // Never changed once it is there.
    private sealed record Known(Dictionary<long, KnownAccount> Accounts, Dictionary<string, KnownSession> Sessions, Dictionary<string, KnownKey> Keys, Dictionary<long, KnownKey> KeysByRow);
}
