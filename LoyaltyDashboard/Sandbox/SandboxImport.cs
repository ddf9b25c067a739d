using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Sandbox;

/// <summary>How fast an invented import moves.</summary>
/// <param name="ToParsing">From its creation until its file is read.</param>
/// <param name="ToParsed">How long the file is read.</param>
/// <param name="ToExecute">How long it waits for an invented person to call Execute; null for ever.</param>
/// <param name="ToImported">How long its rows are written.</param>
/// <param name="CountEvery">How often a new revision shows rows that were written meanwhile; null if counts come at the end only.</param>
public sealed record SandboxPace(TimeSpan ToParsing, TimeSpan ToParsed, TimeSpan? ToExecute, TimeSpan ToImported, TimeSpan? CountEvery = null);

/// <summary>
/// One import as the stand-in knows it: how it was created, what will become of it and when. How it looks at any moment follows from these alone, so
/// no timer runs and a restart changes nothing.
/// </summary>
/// <param name="Scenario">The scenario it came from.</param>
/// <param name="InstanceId">Its site.</param>
/// <param name="Created">How it looked when it was created: INITIATED, revision 1.</param>
/// <param name="Plan">What will become of it.</param>
/// <param name="Pace">When.</param>
public sealed record SandboxImport(string Scenario, string InstanceId, LoyaltyImport Created, SandboxPlan Plan, SandboxPace Pace)
{
    private static readonly TimeSpan _longest = TimeSpan.FromDays(365);

    /// <summary>Wix's id of it.</summary>
    public string Id => Created.Id;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreatedAt => Created.CreatedDate!.Value;

    /// <summary>When it reaches a status; null if it never does.</summary>
    public DateTimeOffset? Reaches(ImportStatus status)
    {
        var read = CreatedAt + Pace.ToParsing + Pace.ToParsed;
        return status switch
        {
            ImportStatus.Initiated => CreatedAt,
            ImportStatus.Parsing => CreatedAt + Pace.ToParsing,
            ImportStatus.Failed when Plan.ParseError is not null => read,
            ImportStatus.Parsed when Plan.ParseError is null => read,
            ImportStatus.Importing when Plan.ParseError is null => read + Pace.ToExecute,
            ImportStatus.Imported when Plan.ParseError is null => read + Pace.ToExecute + Pace.ToImported,
            _ => null,
        };
    }

    /// <summary>How it looks at a moment; before its creation as it was created.</summary>
    public LoyaltyImport At(DateTimeOffset now)
    {
        var import = Created;
        foreach (var status in (ImportStatus[])[ImportStatus.Parsing, Plan.ParseError is null ? ImportStatus.Parsed : ImportStatus.Failed, ImportStatus.Importing, ImportStatus.Imported])
        {
            if (!(Reaches(status) <= now))
            {
                break;
            }

            import = SandboxLifeCycle.Next(import, Plan, Reaches(status)!.Value);
            if (status == ImportStatus.Importing)
            {
                import = Counted(import, now);
            }
        }

        return import;
    }

    /// <summary>How it looked one revision before; the same if there was none.</summary>
    public LoyaltyImport Before(LoyaltyImport state) => At(state.UpdatedDate!.Value.AddTicks(-1));

    /// <summary>The same import, created at another moment.</summary>
    public SandboxImport CreatedOn(DateTimeOffset moment) => this with { Created = Created with { CreatedDate = moment, UpdatedDate = moment } };

    /// <summary>Whether it is whole: what is read from a file may be anything.</summary>
    public bool IsWhole() =>
        Created is { Id.Length: > 0, Revision: "1", CreatedDate: not null, FileMetadata: not null } && Created.CreatedDate == Created.UpdatedDate && ImportStatusWords.Parse(Created.Status) == ImportStatus.Initiated
        && Created.CreatedDate < DateTimeOffset.MaxValue - (4 * _longest) && Created.CreatedDate > DateTimeOffset.UnixEpoch
        && Plan is { Rows: >= 0, Failures: >= 0 } && Plan.Failures <= Plan.Rows && Pace.CountEvery is not { Ticks: <= 0 }
        && new[] { Pace.ToParsing, Pace.ToParsed, Pace.ToExecute ?? default, Pace.ToImported }.All(span => span >= TimeSpan.Zero && span <= _longest);

    private LoyaltyImport Counted(LoyaltyImport import, DateTimeOffset now)
    {
        if (Pace.CountEvery is not { } every)
        {
            return import;
        }

        // The last count is the one of IMPORTED.
        var began = import.UpdatedDate!.Value;
        var counts = ((Pace.ToImported.Ticks + every.Ticks - 1) / every.Ticks) - 1;
        var count = (int)Math.Clamp((now - began).Ticks / every.Ticks, 0, Math.Max(0, counts));
        return count == 0 ? import : SandboxLifeCycle.Count(import, count, (Plan.Rows - Plan.Failures) * (count * every / Pace.ToImported), began + (count * every));
    }
}
