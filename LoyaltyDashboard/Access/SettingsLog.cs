using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Access;

/// <summary>
/// Audits settings, which are changed in the configuration while the program is stopped: each start compares those that say who may what, and what is kept for how long, with those of the
/// start before. Of secrets only that they are others; keys of the configuration are audited as keys.
/// </summary>
internal sealed class SettingsLog(IConfiguration configuration, SqliteConnectionStringBuilder connection, PersonalHash hashes, AuditLog audit)
{
    private const string Note = "settings";
    private const int LongestShown = 200;
    private const string NotSet = "not set";

    private static readonly string[] _sections = [AccessOptions.Section, "Dashboard", "Retention", "Wix"];
    private static readonly string[] _secrets = ["Secret", "Password", "Email"];
    private static readonly string[] _leftOut = [$"{AccessOptions.Section}:ApiKeys"];

    /// <summary>Has a line for each setting that is another one since the last start; the first start has one that says that they are noted.</summary>
    public async Task TellAsync(CancellationToken cancellation)
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

    // That a secret is another one shows; nothing of it does.
    private string Shown(KeyValuePair<string, string?> setting) =>
        _secrets.Any(word => setting.Key.EndsWith(word, StringComparison.OrdinalIgnoreCase)) || setting.Value!.Length > LongestShown ? hashes.Of(setting.Value!) : setting.Value.ReplaceLineEndings(" ");

    private static Dictionary<string, string>? Read(SqliteConnection database)
    {
        using var command = database.CreateCommand();
        command.CommandText = $"SELECT Value FROM notes WHERE Name = '{Note}'";
        return command.ExecuteScalar() is string text
            ? text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase)
            : null;
    }

    private static void Write(SqliteConnection database, IEnumerable<KeyValuePair<string, string>> settings)
    {
        using var command = database.CreateCommand();
        command.CommandText = $"INSERT INTO notes (Name, Value) VALUES ('{Note}', $value) ON CONFLICT (Name) DO UPDATE SET Value = $value";
        command.Parameters.AddWithValue("$value", string.Join('\n', settings.Select(setting => $"{setting.Key}={setting.Value}")));
        command.ExecuteNonQuery();
    }
}
