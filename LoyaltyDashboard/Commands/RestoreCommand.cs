using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Commands;

/// <summary><c>restore FILE</c>: checks a backup and puts it in the place of the database, which is kept beside it.</summary>
internal static class RestoreCommand
{
    private const string Name = "restore";

    /// <summary>The command.</summary>
    public static Command Create(Func<string[], IHostApplicationBuilder> configure)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "What 'backup' has written; it is only read" };
        var (database, contentRoot) = (DatabaseCommand.Database(), DatabaseCommand.ContentRoot());
        var command = new Command(Name, "Checks a backup and puts it in the place of the database, which is kept beside it. The dashboard must not run.") { file, database, contentRoot };
        command.SetAction((parsed, cancellation) => DatabaseCommand.RunAsync(Name, parsed.InvocationConfiguration, () =>
            RunAsync(DatabaseCommand.Path(parsed.GetValue(database), parsed.GetValue(contentRoot), configure), parsed.GetValue(file)!.FullName, parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static async Task RunAsync(string database, string source, TextWriter output, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        if (!File.Exists(source))
        {
            throw new InvalidOperationException($"There is no file {source}. Name one that 'backup' has written.");
        }

        if (source == database)
        {
            throw new InvalidOperationException($"{source} is the database itself. Name a file that 'backup' has written.");
        }

        var (facts, kept) = DatabaseRestore.Run(source, database, TimeProvider.System.GetUtcNow(), cancellation);
        await output.WriteLineAsync($"Restored {database} from {source}: {DatabaseCommand.Describe(facts, clock.Elapsed)}{(facts.IsOlder ? ", older than this program, which brings it up to date when it starts" : string.Empty)}.");
        await output.WriteLineAsync(kept is null
            ? "There was no database before."
            : $"The database that was there is kept as {kept}. To go back: LoyaltyDashboard restore {kept} --database {database}");
    }
}
