using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Start;

/// <summary>The app that <c>dotnet new blazor</c> makes, interactive on the server and empty, published like the dashboard.</summary>
internal static class TemplateApp
{
    /// <summary>Makes and publishes it, once.</summary>
    public static async Task<string> PublishAsync()
    {
        var folder = Path.Combine(Repository.Cache, "template-app");
        var published = Path.Combine(folder, "published");
        if (!Directory.Exists(published))
        {
            // It is nobody's but the template's: what holds for this repository's projects is not for it.
            foreach (var file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
            {
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, file), "<Project />\n");
            }

            await ShellCommand.RunAsync("dotnet", ["new", "blazor", "--interactivity", "Server", "--all-interactive", "--empty", "--no-https", "--name", "TemplateApp", "--output", "TemplateApp", "--force"], folder);
            await ShellCommand.RunAsync("dotnet", ["publish", "TemplateApp", "-c", "Release", "-p:PublishReadyToRun=true", "-o", published, "--nologo", "-v", "q"], folder);
        }

        return published;
    }

    /// <summary>Starts it.</summary>
    public static async Task<ServerProcess> StartAsync(params IEnumerable<(string Key, string Value)> settings)
    {
        var folder = await PublishAsync();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(folder, "TemplateApp.dll"), "--urls", "http://127.0.0.1:0"]) { WorkingDirectory = folder };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        return await ServerProcess.StartAsync(start, line => line.IndexOf("Now listening on: ", StringComparison.Ordinal) is >= 0 and var at ? new Uri(line[(at + 18)..].Trim()) : null);
    }
}
