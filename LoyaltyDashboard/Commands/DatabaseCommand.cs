using System.CommandLine;
using System.Globalization;
using LoyaltyDashboard.Sandbox;
using LoyaltyDashboard.Storage;
using Microsoft.Data.Sqlite;

namespace LoyaltyDashboard.Commands;

/// <summary>What the commands about the database share: which database is meant, and how a fault is told.</summary>
internal static class DatabaseCommand
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Names a database file instead of the configured one.</summary>
    public static Option<FileInfo?> Database() => new("--database") { Description = "The database file; unless given, the one that the dashboard would use: of ConnectionStrings:Dashboard, or the sandbox's while the sandbox is on" };

    /// <summary>Where the configuration is.</summary>
    public static Option<DirectoryInfo?> ContentRoot() => new("--contentRoot") { Description = "The folder with appsettings.json, as the dashboard itself takes it" };

    /// <summary>The full path of the database that is meant: unless named, the one that the dashboard would use if it were started instead.</summary>
    /// <exception cref="InvalidOperationException">The dashboard would not start with this configuration.</exception>
    public static string Path(FileInfo? database, DirectoryInfo? contentRoot, Func<string[], IHostApplicationBuilder> configure)
    {
        if (database is not null)
        {
            return database.FullName;
        }

        var configured = configure(contentRoot is null ? [] : ["--contentRoot", contentRoot.FullName]);
        configured.UseSandboxDatabase();
        return StorageSetup.Connection(configured.Configuration, configured.Environment).DataSource;
    }

    /// <summary>Runs the work of a command off the caller's thread, and turns a fault into words and an exit code.</summary>
    public static async Task<int> RunAsync(string name, InvocationConfiguration io, Func<Task> work)
    {
        try
        {
            await Task.Run(work);
            return 0;
        }
        catch (OperationCanceledException)
        {
            await io.Error.WriteLineAsync($"{name}: interrupted; nothing was changed.");
            return Interrupted;
        }
        catch (InvalidOperationException exception)
        {
            await io.Error.WriteLineAsync($"{name}: {exception.Message}");
            return Failed;
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            await io.Error.WriteLineAsync($"{name}: {exception.Message.TrimEnd('.')}. Nothing was changed. Check the rights of both files and their folders, and the room on the disk.");
            return Failed;
        }
    }

    /// <summary>What a file holds, as it is printed.</summary>
    public static string Describe(DatabaseFacts facts, TimeSpan took) =>
        string.Create(CultureInfo.InvariantCulture, $"{facts.Imports:N0} imports, {facts.Deliveries:N0} deliveries, {facts.Bytes:N0} bytes, in {took.TotalSeconds:N1} s; checked: whole, schema {facts.Migration}");
}
