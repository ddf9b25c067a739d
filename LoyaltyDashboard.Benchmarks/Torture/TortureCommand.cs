using System.CommandLine;
using System.Diagnostics;
using LoyaltyDashboard.Benchmarks.Measuring;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary><c>torture</c>: every fault at full length, one after another, and a table of what held.</summary>
internal static class TortureCommand
{
    private static readonly Fault[] _faults =
    [
        new KillFault(), new CopyFault(), new SyncFault(), new DiskFullFault(), new LockedFault(), new OverloadFault(), new RubbishFault(), new StalledFault(), new ClockFault(), new StopFault(), new MigrationFault(),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var only = new Option<string[]>("--only") { Description = $"Which faults: {string.Join(", ", _faults.Select(f => f.Name))}", AllowMultipleArgumentsPerToken = true };
        only.AcceptOnlyFromAmong([.. _faults.Select(f => f.Name)]);
        var isShort = new Option<bool>("--short") { Description = "Quick runs that show that each fault can be made; they prove little" };
        var command = new Command("torture", "Makes everything go wrong that can, and says what held.") { only, isShort };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(only) ?? [], parsed.GetValue(isShort)));
        return command;
    }

    private static async Task<int> RunAsync(string[] only, bool isShort)
    {
        var rows = new List<(Fault Fault, Verdict Verdict)>();
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
                verdict = new(false, $"The run itself failed: {exception.Message}");
                Console.WriteLine(exception);
            }

            rows.Add((fault, verdict));
            Console.WriteLine(Text.Of($"  {Word(verdict)}, after {clock.Elapsed.TotalSeconds:N0} s: {verdict.Figures}"));
        }

        Console.WriteLine();
        Console.WriteLine(string.Join('\n',
        [
            "| fault | what must hold | held | figures |", "|---|---|---|---|",
            .. rows.Select(r => $"| {r.Fault.Title} | {r.Fault.MustHold} | {Word(r.Verdict)} | {r.Verdict.Figures} |"),
        ]));
        Console.WriteLine();
        Console.WriteLine($"A true power cut was not tried: what a disk keeps that has said that it kept it, this cannot show.{(isShort ? " A short run, which proves little." : "")}");
        return rows.Any(r => r.Verdict.Held == false) ? 1 : 0;
    }

    private static string Word(Verdict verdict) => verdict.Held switch { true => "held", false => "**not held**", null => "not run" };
}
