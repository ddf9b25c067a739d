using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Audits settings, which are changed in the configuration while the program is stopped: each start compares those that say who may what, and what is kept for how long, with those of the
/// start before. Of what may be a secret only that it is another; keys of the configuration are audited as keys.
/// </summary>
internal sealed class SettingsLog(IConfiguration configuration, SqliteConnectionStringBuilder connection, PersonalHash hashes, AuditLog audit) : IDisposable
{
    private const string Note = "settings";
    private const int LongestShown = 200;
    private const string NotSet = "not set";

    private static readonly string[] _sections = [AccessOptions.Section, "Dashboard", "Retention", "Wix"];

    // All others may hold a secret, or are one by a slip: the log cannot be cleaned of it.
    private static readonly string[] _plain = ["Retention:", "Dashboard:", "Access:Proxies", "Access:Oidc:Authority", "Access:Oidc:ClientId", "Access:Oidc:RoleClaim", "Access:Oidc:Roles:", "Access:Oidc:Scopes", "Access:Oidc:Sites", "Access:Oidc:DisplayName", "Wix:AppId"];
    private static readonly string[] _leftOut = [$"{AccessOptions.Section}:ApiKeys"];

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Has a line for each setting that is another one since the last start; the first start has one that says that they are noted.</summary>
    public async Task TellAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await TellInTurnAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task TellInTurnAsync(CancellationToken cancellation)
    {
        var now = Settings();
        using var database = SqliteSetup.Open(connection.ConnectionString);
        var before = Read(database);
        if (before is not null && before.Count == now.Count && !before.Except(now).Any())
        {
            return;
        }

        if (before is null)
        {
            await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Settings, null, "noted, to be compared with at each start"), cancellation);
            before = new(now, StringComparer.OrdinalIgnoreCase);
        }

        foreach (var key in before.Keys.Union(now.Keys, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal))
        {
            var (old, young) = (before.GetValueOrDefault(key, NotSet), now.GetValueOrDefault(key, NotSet));
            if (old != young)
            {
                await audit.AppendAsync(new(AuditEntry.Program, AuditAction.Settings, key, $"{old} → {young}"), cancellation);
            }
        }

        Write(database, now);
    }

    private SortedDictionary<string, string> Settings() => new(
        _sections.SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(setting => setting.Value is not null && !_leftOut.Any(left => setting.Key.StartsWith(left, StringComparison.OrdinalIgnoreCase)))
            .ToDictionary(setting => setting.Key, Shown, StringComparer.OrdinalIgnoreCase),
        StringComparer.OrdinalIgnoreCase);

    // That another is another one shows; nothing of it does.
    private string Shown(KeyValuePair<string, string?> setting) =>
        _plain.Any(word => setting.Key.StartsWith(word, StringComparison.OrdinalIgnoreCase)) && setting.Value!.Length <= LongestShown ? setting.Value.ReplaceLineEndings(" ") : hashes.OfExactly(setting.Value!);

    private static Dictionary<string, string>? Read(SqliteConnection database)
    {
        using var command = database.CreateCommand();
        command.CommandText = $"SELECT Value FROM notes WHERE Name = '{Note}'";
        return command.ExecuteScalar() is string text
            ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(line => line.Length == 2).DistinctBy(line => line[0], StringComparer.OrdinalIgnoreCase).ToDictionary(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase)
            : null;
    }

    private static void Write(SqliteConnection database, IEnumerable<KeyValuePair<string, string>> settings)
    {
        using var transaction = ImmediateTransaction.Begin(database);
        using var command = database.CreateCommand();
        command.CommandText = $"INSERT INTO notes (Name, Value) VALUES ('{Note}', $value) ON CONFLICT (Name) DO UPDATE SET Value = $value";
        command.Parameters.AddWithValue("$value", string.Join('\n', settings.Select(setting => $"{setting.Key}={setting.Value}")));
        command.ExecuteNonQuery();
        transaction.Commit();
    }
}
