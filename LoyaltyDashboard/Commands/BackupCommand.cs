using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Commands;

/// <summary><c>backup FILE</c>: copies the database as it is at one moment, while the dashboard runs.</summary>
internal static class BackupCommand
{
    private const string Name = "backup";

    /// <summary>The command.</summary>
    public static Command Create(Func<string[], IHostApplicationBuilder> configure)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Where to; its folder must be there" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces FILE if it is there" };
        var (database, contentRoot) = (DatabaseCommand.Database(), DatabaseCommand.ContentRoot());
        var command = new Command(Name, "Copies the database into a file and checks it, while the dashboard runs.") { file, overwrite, database, contentRoot };
        command.SetAction((parsed, cancellation) => DatabaseCommand.RunAsync(Name, parsed.InvocationConfiguration, () =>
            RunAsync(DatabaseCommand.Path(parsed.GetValue(database), parsed.GetValue(contentRoot), configure), parsed.GetValue(file)!.FullName, parsed.GetValue(overwrite), parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static async Task RunAsync(string database, string target, bool overwrite, TextWriter output, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        Refuse(database, target, overwrite);
        var unfinished = $"{target}.{Guid.NewGuid():N}.unfinished";
        try
        {
            OwnerOnly.Open(unfinished, FileMode.CreateNew).Dispose();
            DatabaseBackup.Copy(database, unfinished, cancellation);
            var facts = DatabaseCheck.Read(unfinished);
            // Only a whole and checked backup has the name that was asked for.
            File.Move(unfinished, target, overwrite);
            await output.WriteLineAsync($"Backed up {database} to {target}: {DatabaseCommand.Describe(facts, clock.Elapsed)}.");
            await output.WriteLineAsync($"The keys in {new KeyDirectory(database).Path} are not in it, so that whoever has only the backup has no cookie of anybody's and guesses no address that was forgotten. Keep a copy of them in another place.");
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static void Refuse(string database, string target, bool overwrite)
    {
        if (!File.Exists(database))
        {
            throw new InvalidOperationException($"There is no database at {database}. Name it with --database, or start from the same folder and in the same environment as the dashboard.");
        }

        if (((string[])["", "-wal", "-shm", "-journal", ".lock"]).Any(suffix => target == database + suffix))
        {
            throw new InvalidOperationException($"{target} belongs to the database itself. Name another file.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(target)) || Directory.Exists(target))
        {
            throw new InvalidOperationException($"{target} cannot be written: it must be a file in a folder that is there.");
        }

        if (File.Exists(target) && !overwrite)
        {
            throw new InvalidOperationException($"{target} is there already. Name another file, or add --overwrite.");
        }
    }
}
