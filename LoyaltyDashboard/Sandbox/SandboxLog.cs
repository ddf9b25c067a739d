using System.Globalization;
using System.Text;

namespace LoyaltyDashboard.Sandbox;

/// <summary>One request to the stand-in and what it was answered.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="InstanceId">The site's instance, where the request tells.</param>
/// <param name="Site">The site's name, where the request tells.</param>
/// <param name="Method">HTTP's word.</param>
/// <param name="Path">The path as at Wix.</param>
/// <param name="What">What was asked for: an import's id, a filter.</param>
/// <param name="Token">Which of the tokens given out since the start, counted from 1; never the token itself.</param>
/// <param name="Status">The status answered.</param>
/// <param name="Fault">The fault that was switched on for it.</param>
public sealed record SandboxLogEntry(DateTimeOffset At, string? InstanceId, string? Site, string Method, string Path, string? What, int? Token, int Status, SandboxFault? Fault)
{
    /// <summary>The line for people.</summary>
    public override string ToString()
    {
        var line = new StringBuilder()
            .Append(At.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append("  ").Append(Status).Append("  ").Append(Site ?? "-").Append("  ").Append(Method).Append(' ').Append(Path);
        line = What is null ? line : line.Append("  ").Append(What);
        line = Token is null ? line : line.Append("  token ").Append(Token);
        line = Fault is { } fault ? line.Append("  fault ").Append(SandboxFaults.Word(fault)) : line;
        return line.Replace('\n', ' ').Replace('\r', ' ').ToString();
    }
}

/// <summary>What the stand-in was asked and what it answered: the newest requests, oldest first.</summary>
public sealed class SandboxLog(ILogger<SandboxLog> logger)
{
    /// <summary>Requests kept.</summary>
    public const int Most = 5_000;

    private readonly Queue<SandboxLogEntry> _entries = new();
    private readonly Lock _gate = new();

    /// <summary>What is kept.</summary>
    public IReadOnlyList<SandboxLogEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Requests since the start, kept or not.</summary>
    public long Total { get; private set; }

    /// <summary>Notes a request.</summary>
    public void Note(SandboxLogEntry entry)
    {
        logger.LogDebug("{Entry}", entry);
        lock (_gate)
        {
            Total++;
            _entries.Enqueue(entry);
            if (_entries.Count > Most)
            {
                _entries.Dequeue();
            }
        }
    }
}
