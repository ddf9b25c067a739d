using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LoyaltyDashboard.Access;
using LoyaltyDashboard.Storage;

namespace LoyaltyDashboard.Commands;

/// <summary><c>verify</c>: reads the whole database and walks the audit log, while the dashboard runs or not.</summary>
internal static class VerifyCommand
{
    private const string Name = "verify";

    /// <summary>The command.</summary>
    public static Command Create(Func<string[], IHostApplicationBuilder> configure)
    {
        var (database, contentRoot) = (DatabaseCommand.Database(), DatabaseCommand.ContentRoot());
        var command = new Command(Name, "Checks that the database is whole and that no line of the audit log was changed or removed, while the dashboard runs.") { database, contentRoot };
        command.SetAction((parsed, cancellation) => DatabaseCommand.RunAsync(Name, parsed.InvocationConfiguration, () =>
            RunAsync(DatabaseCommand.Path(parsed.GetValue(database), parsed.GetValue(contentRoot), configure), parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static async Task RunAsync(string database, TextWriter output, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        if (!File.Exists(database))
        {
            throw new InvalidOperationException($"There is no database at {database}. Name it with --database, or start from the same folder and in the same environment as the dashboard.");
        }

        DatabaseCheck.Identify(database);
        var facts = DatabaseCheck.Read(database);
        await output.WriteLineAsync($"{database}: {DatabaseCommand.Describe(facts, clock.Elapsed)}.");
        if (facts.IsOlder)
        {
            throw new InvalidOperationException("The database is older than this program; start the dashboard once, then its audit log can be checked.");
        }

        var verdict = await AuditCheck.VerifyAsync(database, new KeyDirectory(database), cancellation);
        foreach (var gap in verdict.Gaps)
        {
            await output.WriteLineAsync($"Audit log: {gap}.");
        }

        if (verdict.Fault is { } fault)
        {
            throw new InvalidOperationException($"The audit log is not whole: {fault}.");
        }

        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Audit log: {verdict.Lines:N0} lines, none changed, none removed{(verdict.Gaps.Count > 0 ? " since the gap" : string.Empty)}."));
    }
}
