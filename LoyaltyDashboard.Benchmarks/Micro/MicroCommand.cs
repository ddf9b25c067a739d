using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace LoyaltyDashboard.Benchmarks.Micro;

/// <summary><c>micro</c>: the small pieces, by BenchmarkDotNet. For whoever changes one; they are not in the table.</summary>
internal static class MicroCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var isShort = new Option<bool>("--short") { Description = "A few seconds a piece" };
        var filter = new Option<string>("--filter") { Description = "Which pieces", DefaultValueFactory = _ => "*" };
        var command = new Command("micro", "What the pieces of a webhook cost, by BenchmarkDotNet.") { isShort, filter };
        command.SetAction(parsed =>
        {
            // In this process: another one would have to be built first, from a project that knows nothing of this repository's settings.
            var job = (parsed.GetValue(isShort) ? Job.ShortRun : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
            BenchmarkSwitcher.FromTypes([typeof(WebhookPieces)]).Run(
                ["--filter", parsed.GetValue(filter)!], DefaultConfig.Instance.AddJob(job).WithArtifactsPath(Path.Combine(Repository.Cache, "micro")));
        });
        return command;
    }
}
