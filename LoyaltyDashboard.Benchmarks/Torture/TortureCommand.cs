using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary><c>torture</c>: every fault at full length, one after another, and a table of what held.</summary>
internal static class TortureCommand
{
    private static readonly Fault[] _faults =
    [
        new KillFault(), new CopyFault(), new SyncFault(), new DiskFullFault(), new LockedFault(), new OverloadFault(), new RubbishFault(), new FloodFault(), new StalledFault(), new ClockFault(), new StopFault(), new MigrationFault(),
    ];

    private static readonly string[] _names = [.. _faults.Select(f => f.Name)];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var only = new Option<string[]>("--only") { Description = $"Which faults: {string.Join(", ", _names)}. Replaces their lines in what is kept, and no others", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong(_names);
        var isShort = new Option<bool>("--short") { Description = "Quick runs that show that each fault can be made; they prove little and keep nothing" };
        var command = new Command(
            TortureResults.Name, $"Makes everything go wrong that can, says what held, and keeps it. Ends with 0 if every fault was run and held. {TortureResults.Length(_names)}") { only, isShort };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(only) ?? [], parsed.GetValue(isShort)));
        return command;
    }

    private static async Task<int> RunAsync(string[] only, bool isShort)
    {
        var lines = new List<FaultLine>();
        foreach (var fault in _faults.Where(f => only.Length == 0 || only.Contains(f.Name)))
        {
            Console.WriteLine($"{fault.Name}: {fault.Title}…");
            var clock = Stopwatch.StartNew();
            Verdict verdict;
            try
            {
                verdict = await fault.RunAsync(isShort);
            }
            catch (Exception exception)
            {
                verdict = new(false, $"The run itself failed: {exception.Message.ReplaceLineEndings(" ")}");
                Console.WriteLine(exception);
            }

            var line = new FaultLine(fault.Name, fault.Title, fault.MustHold, verdict.Held, verdict.Figures, Math.Round(clock.Elapsed.TotalSeconds), Results.Today, Results.Machine());
            lines.Add(line);
            Console.WriteLine(Text.Of($"  {Verdict.Word(line.Held)}, after {line.Seconds:N0} s: {line.Figures}"));
            if (!isShort)
            {
                await TortureResults.KeepAsync(line, _names);
            }
        }

        Console.WriteLine();
        Console.WriteLine(TortureResults.Table(lines));
        Console.WriteLine();
        Console.WriteLine($"A true power cut was not tried: what a disk keeps that has said that it kept it, this cannot show.{(isShort ? " A short run, which proves little: nothing was kept." : "")}");

        // What was not run did not hold.
        return lines.All(line => line.Held == true) ? 0 : 1;
    }
}
