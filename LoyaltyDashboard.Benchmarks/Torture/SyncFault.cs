using System.Diagnostics;
using System.Globalization;

namespace LoyaltyDashboard.Benchmarks.Torture;

/// <summary>
/// Watches the system calls of the published program: between taking a request and sending its 200, the log of the database was written and then synced. A program reads
/// the trace; a call that others interrupt stands on two lines, and counts for a write or a sync when it ends, for a send when it begins.
/// </summary>
internal sealed class SyncFault() : Fault("sync", "what the disk was told before a 200, by the trace of the system calls", "each event's write to the log was followed by a finished fdatasync or fsync of it before its 200 was sent")
{
    private const int Webhooks = 20;

    /// <inheritdoc/>
    public override async Task<Verdict> RunAsync(bool isShort)
    {
        await using var ground = Ground.Prepare(Webhooks + 20);
        await ground.StartAsync();
        using var wire = new Wire(ground.Door);
        for (var i = 0; i < 20; i++)
        {
            await wire.PostAsync(ground.Next().Body);
        }

        var trace = ground.File("trace.txt");
        Process strace;
        try
        {
            strace = Process.Start(new ProcessStartInfo("strace", ["-f", "-y", "-s", "64", "-e", "trace=write,pwrite64,pwritev,pwritev2,fdatasync,fsync,sync_file_range,sendmsg,sendto,writev", "-o", trace, "-p", ground.Dashboard.Id.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return Verdict.NotRun("strace is not installed");
        }

        using (strace)
        {
            if (await strace.StandardError.ReadLineAsync() is not { } first || !first.Contains("attached", StringComparison.Ordinal))
            {
                await strace.WaitForExitAsync();
                return Verdict.NotRun("strace may not attach here");
            }

            // It tells of every thread that it attaches to; not read, it would wait.
            var rest = strace.StandardError.ReadToEndAsync();
            await Task.Delay(500);
            for (var i = 0; i < Webhooks; i++)
            {
                await wire.PostAsync(ground.Next().Body);
            }

            await ShellInterruptAsync(strace.Id);
            await strace.WaitForExitAsync();
            await rest;
        }

        var (answers, unsynced) = Judge(await File.ReadAllLinesAsync(trace), ground.DatabasePath + "-wal");
        return Verdict.Of(
            [.. answers < Webhooks ? (string[])[$"only {answers} answers are in the trace"] : [], .. unsynced > 0 ? (string[])[$"{unsynced} answers were sent before the log was synced"] : []],
            $"{answers} webhooks one after another; a true power cut was not tried");
    }

    /// <summary>Reads a trace.</summary>
    /// <param name="lines">As strace writes them, with the paths of file handles.</param>
    /// <param name="log">The path of the write-ahead log.</param>
    /// <returns>How many 200 were sent, and before how many of them the log was not both written and synced since the one before.</returns>
    internal static (int Answers, int Unsynced) Judge(IEnumerable<string> lines, string log)
    {
        var (answers, unsynced, isWritten, isSynced) = (0, 0, false, false);
        var interrupted = new Dictionary<string, string>();
        foreach (var line in lines)
        {
            var (thread, text) = (line.Split(' ', 2)[0], line.Split(' ', 2)[^1].TrimStart());
            if (text.StartsWith("send", StringComparison.Ordinal) || (text.StartsWith("write", StringComparison.Ordinal) && text.Contains("socket:", StringComparison.Ordinal)) || (text.StartsWith("write", StringComparison.Ordinal) && text.Contains("TCP:", StringComparison.Ordinal)))
            {
                if (text.Contains("HTTP/1.1 200", StringComparison.Ordinal))
                {
                    answers++;
                    unsynced += isWritten && isSynced ? 0 : 1;
                    (isWritten, isSynced) = (false, false);
                }

                continue;
            }

            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                interrupted[thread] = text;
                continue;
            }

            if (text.StartsWith("<... ", StringComparison.Ordinal) && interrupted.Remove(thread, out var begun))
            {
                text = begun + text;
            }

            if (!text.Contains("<" + log + ">", StringComparison.Ordinal) || text.Contains(" = -1 ", StringComparison.Ordinal))
            {
                continue;
            }

            if (text.StartsWith("pwrite", StringComparison.Ordinal) || text.StartsWith("write", StringComparison.Ordinal))
            {
                (isWritten, isSynced) = (true, false);
            }
            else if (text.StartsWith("fdatasync", StringComparison.Ordinal) || text.StartsWith("fsync", StringComparison.Ordinal))
            {
                isSynced = isWritten;
            }
        }

        return (answers, unsynced);
    }

    private static async Task ShellInterruptAsync(int id)
    {
        using var kill = Process.Start("kill", ["-INT", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
