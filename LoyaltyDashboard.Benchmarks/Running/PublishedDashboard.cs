using System.Diagnostics;

namespace LoyaltyDashboard.Benchmarks.Running;

/// <summary>The program as it is published, in Production, with a key and a database of one's own.</summary>
internal static class PublishedDashboard
{
    // The seeded imports are as old as their dates say: a minute after the start, what has been kept for its time would be removed beside what is measured.
    private static readonly (string Key, string Value)[] _keepingAll = [("Retention__PersonalDataDays", "36500"), ("Retention__DeliveryDays", "36500")];

    private static string? _folder;

    /// <summary>Publishes it, once a run, and returns the folder.</summary>
    public static async Task<string> PublishAsync()
    {
        if (_folder is null)
        {
            var folder = Path.Combine(Repository.Cache, "published");
            await ShellCommand.RunAsync("dotnet", ["publish", Path.Combine(Repository.Root, "LoyaltyDashboard"), "-c", "Release", "-o", folder, "--nologo", "-v", "q"], Repository.Root);
            _folder = folder;
        }

        return _folder;
    }

    /// <summary>Starts it.</summary>
    /// <param name="databasePath">The database file; made if it is not there.</param>
    /// <param name="publicKeyPem">What the webhooks are signed with.</param>
    /// <param name="settings">More configuration, as environment variables are named.</param>
    public static async Task<ServerProcess> StartAsync(string databasePath, string publicKeyPem, params IEnumerable<(string Key, string Value)> settings)
    {
        var folder = await PublishAsync();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "LoyaltyDashboard.dll"), "--urls", "http://127.0.0.1:0"]) { WorkingDirectory = folder };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["ConnectionStrings__Dashboard"] = $"Data Source={databasePath}";
        start.Environment["Wix__PublicKeys__0"] = publicKeyPem;
        foreach (var (key, value) in WayIn.Settings.Concat(_keepingAll).Concat(settings))
        {
            start.Environment[key] = value;
        }

        return await ServerProcess.StartAsync(start, ReadAddress);
    }

    /// <summary>The address in the line that says that the program is ready.</summary>
    public static Uri? ReadAddress(string line) =>
        line.Contains("is ready", StringComparison.Ordinal) && line.IndexOf("http://", StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[at..].Trim().Replace("localhost", "127.0.0.1", StringComparison.Ordinal)) : null;
}
