using System.Collections.Concurrent;
using System.Globalization;
using LoyaltyDashboard.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoyaltyDashboard.Access;

/// <summary>Keys for scripts: made on the settings page or given in the configuration, kept as hashes.</summary>
public sealed class ApiKeys(IDbContextFactory<DashboardDb> databases, AccessDirectory directory, AuditLog audit, IOptions<AccessOptions> options, TimeProvider time)
{
    /// <summary>Fewest characters of a key that the configuration gives.</summary>
    public const int ShortestKey = 32;

    private const string Prefix = "ld_";
    private const int EndingLength = 4;

    private static readonly TimeSpan _usedEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<long, DateTimeOffset> _used = new();

    /// <summary>All, the newest first, revoked ones too.</summary>
    public async Task<IReadOnlyList<ApiKeyRecord>> ListAsync(CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.ApiKeys.AsNoTracking().OrderByDescending(k => k.RowId).ToListAsync(cancellation);
    }

    /// <summary>Makes one.</summary>
    /// <returns>The key, which nobody can be told again, and its row.</returns>
    public async Task<(string Key, long RowId)> MakeAsync(string name, Role role, IReadOnlyList<string>? sites, CancellationToken cancellation)
    {
        var key = Prefix + Secret.Make();
        var record = Record(name, key, role, sites, isConfigured: false);
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            database.ApiKeys.Add(record);
            await database.SaveChangesAsync(cancellation);
        }

        await directory.ReloadAsync(CancellationToken.None);
        return (key, record.RowId);
    }

    /// <summary>Revokes one. What is open with it ends within a minute.</summary>
    /// <returns>Whether there was such a key that worked; one of the configuration is taken out there.</returns>
    public async Task<bool> RevokeAsync(long rowId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        int revoked;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            revoked = await database.ApiKeys.Where(k => k.RowId == rowId && k.Revoked == null && !k.IsConfigured).ExecuteUpdateAsync(set => set.SetProperty(k => k.Revoked, now), cancellation);
        }

        await directory.ReloadAsync(CancellationToken.None);
        return revoked > 0;
    }

    /// <summary>Brings the keys of the configuration into the database: new and changed ones in, those that are gone out.</summary>
    /// <returns>Whether there was anything to change.</returns>
    internal async Task<bool> TakeConfiguredAsync(CancellationToken cancellation)
    {
        var wanted = options.Value.ApiKeys.Select(k => Record(k.Name!, k.Key!, AccessOptionsValidator.TryRole(k.Role, out var role) ? role : Role.None, k.Sites is { Count: > 0 } sites ? sites : null, isConfigured: true)).ToList();

        // Most starts change nothing, and need not wake EF Core.
        if (directory.ConfiguredKeys.Count() == wanted.Count && wanted.TrueForAll(w => directory.OfKey(w.Hash) is { IsConfigured: true } known && known.Name == w.Name && known.Role == w.Role && (w.Sites ?? []).SequenceEqual(known.Sites ?? [])))
        {
            return false;
        }

        await using var database = await databases.CreateDbContextAsync(cancellation);
        var now = time.GetUtcNow();
        foreach (var known in await database.ApiKeys.Where(k => k.IsConfigured && k.Revoked == null).ToListAsync(cancellation))
        {
            var same = wanted.Find(w => w.Name == known.Name && w.Role == known.Role && w.Hash.AsSpan().SequenceEqual(known.Hash) && (w.Sites ?? []).SequenceEqual(known.Sites ?? []));
            if (same is not null)
            {
                wanted.Remove(same);
            }
            else
            {
                await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Key, string.Create(CultureInfo.InvariantCulture, $"key:{known.RowId}"), $"revoked {known.Name}: the configuration no longer has it so"), cancellation);
                known.Revoked = now;
            }
        }

        await database.SaveChangesAsync(cancellation);
        foreach (var record in wanted)
        {
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Key, null, $"took {record.Name} from the configuration: role {record.Role}, {ScopeWords.Of(record.Sites)}"), cancellation);

            // The same key may have stood here before, revoked or under another name: a hash has one row.
            await database.ApiKeys.Where(k => k.Hash == record.Hash).ExecuteDeleteAsync(cancellation);
            database.ApiKeys.Add(record);
        }

        await database.SaveChangesAsync(cancellation);
        return true;
    }

    /// <summary>Notes that a key was used, to the minute, and holds nobody up for it.</summary>
    internal void NoteUse(long rowId)
    {
        var now = time.GetUtcNow();
        var last = _used.GetValueOrDefault(rowId);
        if (now - last >= _usedEvery && (last == default ? _used.TryAdd(rowId, now) : _used.TryUpdate(rowId, now, last)))
        {
            _ = Task.Run(() => WriteUseAsync(rowId, now));
        }
    }

    private async Task WriteUseAsync(long rowId, DateTimeOffset now)
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync();
            await database.ApiKeys.Where(k => k.RowId == rowId).ExecuteUpdateAsync(set => set.SetProperty(k => k.LastUsed, now));
        }
        catch (Exception exception) when (exception is System.Data.Common.DbException or ObjectDisposedException or InvalidOperationException)
        {
            // Best effort: the next use a minute later tries again.
        }
    }

    private ApiKeyRecord Record(string name, string key, Role role, IReadOnlyList<string>? sites, bool isConfigured) =>
        new() { Name = name, Hash = Secret.Hash(key), Ending = key[^EndingLength..], Role = role, Sites = sites?.ToList(), IsConfigured = isConfigured, Created = time.GetUtcNow() };
}
