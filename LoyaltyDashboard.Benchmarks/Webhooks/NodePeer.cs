using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Running;

namespace LoyaltyDashboard.Benchmarks.Webhooks;

/// <summary>The receiver that one would write with Wix's SDK, in <c>peers/wix-sdk-express</c>. Needs Node 20 or later, npm, and a C++ compiler for better-sqlite3.</summary>
internal static class NodePeer
{
    /// <summary>Installs its packages, once, as its lock file says.</summary>
    public static async Task<string> InstallAsync()
    {
        var source = Path.Combine(Repository.Root, "LoyaltyDashboard.Benchmarks", "peers", "wix-sdk-express");
        var folder = Directory.CreateDirectory(Path.Combine(Repository.Cache, "wix-sdk-express")).FullName;
        foreach (var file in (string[])["package.json", "package-lock.json", "server.js"])
        {
            File.Copy(Path.Combine(source, file), Path.Combine(folder, file), overwrite: true);
        }

        if (!File.Exists(Path.Combine(folder, "node_modules", "better-sqlite3", "build", "Release", "better_sqlite3.node")))
        {
            Console.WriteLine("Installing the Node peer, once…");
            await ShellCommand.RunAsync("npm", ["ci", "--no-audit", "--no-fund"], folder);
            // Its own headers spare node-gyp a download.
            var node = Path.GetDirectoryName(Path.GetDirectoryName((await ShellCommand.RunAsync("node", ["-p", "process.execPath"], folder)).Trim()))!;
            await ShellCommand.RunAsync("npm", ["rebuild", "better-sqlite3", "--build-from-source", .. Directory.Exists(Path.Combine(node, "include", "node")) ? (string[])["--nodedir=" + node] : []], folder);
        }

        return folder;
    }

    /// <summary>Starts it on a database of its own.</summary>
    public static async Task<ServerProcess> StartAsync(string databasePath, string publicKeyPem)
    {
        var folder = await InstallAsync();
        var keyPath = databasePath + ".key";
        await File.WriteAllTextAsync(keyPath, publicKeyPem);
        var start = new ProcessStartInfo("node", ["server.js", databasePath, keyPath]) { WorkingDirectory = folder };
        start.Environment["NODE_ENV"] = "production";
        return await ServerProcess.StartAsync(start, PublishedDashboard.ReadAddress);
    }
}
