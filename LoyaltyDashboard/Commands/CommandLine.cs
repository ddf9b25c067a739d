using System.CommandLine;

namespace LoyaltyDashboard.Commands;

/// <summary>What else the program can be started as.</summary>
public static class CommandLine
{
    /// <summary>Runs a command when the first argument is a word, or asks for help.</summary>
    /// <param name="args">The program's arguments.</param>
    /// <param name="configure">Reads the configuration as the dashboard itself does, from its arguments.</param>
    /// <param name="io">Where to write; the console unless given.</param>
    /// <returns>The exit code to come; null when the dashboard itself is to start.</returns>
    public static Task<int>? TryRun(string[] args, Func<string[], IHostApplicationBuilder> configure, InvocationConfiguration? io = null)
    {
        var root = new RootCommand("LoyaltyDashboard: shows Wix loyalty imports as they arrive. Without a command it starts the dashboard.")
        {
            SendCommand.Create(), BackupCommand.Create(configure), RestoreCommand.Create(configure), VerifyCommand.Create(configure), AdminLinkCommand.Create(configure),
        };
        // A word that is no setting is meant as a command; a mistyped one must not start a dashboard.
        return args is [var first, ..] && (first is "--help" or "-h" or "-?" || !first.StartsWith('-')) ? root.Parse(args).InvokeAsync(io) : null;
    }
}
