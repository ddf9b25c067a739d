using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LoyaltyDashboard.Tests.Fixtures;

namespace LoyaltyDashboard.Tests.Processes;

/// <summary>What can be done to the process under load, in short; <c>LoyaltyDashboard.Benchmarks -- torture</c> does each at full length.</summary>
public sealed class FaultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_copied_while_it_is_stopped_hold_all_that_was_answered_before()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signal.");
        await using var loaded = await LoadedProcess.StartAsync();
        for (var copy = 0; copy < 3; copy++)
        {
            await loaded.AnswersAsync(100);
            await SignalAsync(loaded.Process.Id, "STOP");
            var answered = loaded.Answered();
            foreach (var suffix in (string[])["", "-wal", "-shm"])
            {
                File.Copy(loaded.DatabasePath + suffix, loaded.File($"copy-{copy}.db{suffix}"));
            }

            await SignalAsync(loaded.Process.Id, "CONT");

            await LoadedProcess.HoldsOnceAsync(loaded.File($"copy-{copy}.db"), answered, Stop);
        }
    }

    [Fact]
    public async Task Backup_made_under_load_holds_all_that_was_answered_before_it_began()
    {
        await using var loaded = await LoadedProcess.StartAsync();
        await loaded.AnswersAsync(200);
        var answered = loaded.Answered();

        var (exitCode, output) = await RunAsync("backup", loaded.File("backup.db"), "--database", loaded.DatabasePath);
        await loaded.EndAsync();

        Assert.True(exitCode == 0, output);
        await LoadedProcess.HoldsOnceAsync(loaded.File("backup.db"), answered, Stop);
        Assert.Empty(loaded.OtherAnswers);
    }

    [Fact]
    public async Task Restore_beside_a_running_program_is_refused_and_disturbs_it_not()
    {
        await using var loaded = await LoadedProcess.StartAsync();
        await loaded.AnswersAsync(20);
        await RunAsync("backup", loaded.File("backup.db"), "--database", loaded.DatabasePath);

        var (exitCode, output) = await RunAsync("restore", loaded.File("backup.db"), "--database", loaded.DatabasePath);

        Assert.Equal(1, exitCode);
        Assert.Contains("is in use by another LoyaltyDashboard", output);
        await loaded.AnswersAsync(20);
    }

    [Fact]
    public async Task Stop_signal_under_load_commits_what_was_accepted_and_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signal.");
        await using var loaded = await LoadedProcess.StartAsync();
        await loaded.AnswersAsync(300);

        await SignalAsync(loaded.Process.Id, "TERM");
        // Ten seconds are the promise; this machine may be busy with other tests.
        using var longest = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        longest.CancelAfter(TimeSpan.FromSeconds(20));
        var exitCode = await loaded.Process.WaitForExitAsync(longest.Token);
        await loaded.SendersAsync();

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain(loaded.OtherAnswers, status => status != 503);
        await LoadedProcess.HoldsOnceAsync(loaded.DatabasePath, loaded.Answered(), Stop);
    }

    // Where a connection is dropped, its sender tries again only after a second, and again after more: it would be there only once the process goes on.
    [Fact(Timeout = 60_000)]
    public async Task Thousand_senders_that_come_at_once_are_all_let_in_though_nobody_accepts_them_yet()
    {
        const int Senders = 1_280;
        const string Most = "/proc/sys/net/core/somaxconn";
        Assert.SkipUnless(File.Exists(Most) && int.Parse(File.ReadAllText(Most), CultureInfo.InvariantCulture) > Senders, "This system lets fewer wait, whatever a program asks for.");
        await using var loaded = await LoadedProcess.StartAsync();
        await loaded.AnswersAsync(20);
        await SignalAsync(loaded.Process.Id, "STOP");
        var senders = new List<Socket>();
        try
        {
            for (var i = 0; i < Senders; i++)
            {
                senders.Add(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await senders[^1].ConnectAsync(IPAddress.Loopback, loaded.Process.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            await SignalAsync(loaded.Process.Id, "CONT");
            senders.ForEach(sender => sender.Dispose());
        }

        await loaded.AnswersAsync(20);
    }

    private static async Task SignalAsync(int id, string signal)
    {
        await DashboardProcess.SignalAsync(id, signal, Stop);
        while (signal == "STOP" && Directory.Exists($"/proc/{id}/task") && Directory.GetDirectories($"/proc/{id}/task").Any(Runs))
        {
            // A thread in the middle of a call stops at its end.
            await Task.Yield();
        }
    }

    private static bool Runs(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "stat")).Split(')')[^1].TrimStart()[0] is not ('T' or 'Z');
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return false;
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "LoyaltyDashboard.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(Stop);
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return (process.ExitCode, output + await error);
    }
}
