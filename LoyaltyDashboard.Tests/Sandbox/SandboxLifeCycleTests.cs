using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxLifeCycleTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static readonly SandboxPlan _plan = new(
        ["email", "points"], [new() { ColumnName = "EMAIL", ColumnIndex = 0 }, new() { ColumnName = "POINTS", ColumnIndex = 1 }], [new() { Values = ["a@b.co", "5"] }], Rows: 10, Failures: 3, ParseError: null);

    [Fact]
    public void New_import_is_what_Wix_announces()
    {
        var import = Create();

        Assert.Equal(("INITIATED", "1", _then, _then), (import.Status, import.Revision, import.CreatedDate, import.UpdatedDate));
        Assert.Null(import.FileMetadata!.Header);
        Assert.Null(import.ParseResult);
        Assert.Equal(new ImportResult { ErrorFileExists = false }, import.ImportResult);
    }

    [Fact]
    public void Import_goes_step_by_step_to_its_end_and_each_raises_the_revision()
    {
        var states = Walk(_plan);

        Assert.Equal(["INITIATED 1", "PARSING 2", "PARSED 3", "IMPORTING 4", "IMPORTED 5"], states.Select(s => $"{s.Status} {s.Revision}"));
        Assert.Equal(Enumerable.Range(0, 5).Select(i => (DateTimeOffset?)_then.AddSeconds(i)), states.Select(s => s.UpdatedDate));
    }

    [Fact]
    public void Headings_come_with_PARSED_and_counts_with_IMPORTED()
    {
        var states = Walk(_plan);

        Assert.Equal([null, null, 10, 10, 10], states.Select(s => s.ParseResult?.ParsedRowCount));
        Assert.Equal([null, null, 2, 2, 2], states.Select(s => s.FileMetadata!.Header?.Values!.Count));
        Assert.Equal([null, null, null, null, 7], states.Select(s => s.ImportResult!.SuccessCount));
        Assert.Equal((3L, true), (states[^1].ImportResult!.FailureCount!.Value, states[^1].ImportResult!.ErrorFileExists!.Value));
        Assert.Equal(MappingVerdict.Healthy, MappingHealth.Judge(states[^1]).Verdict);
    }

    [Fact]
    public void Import_that_cannot_be_parsed_fails_with_its_reason()
    {
        var states = Walk(_plan with { ParseError = "EMPTY_FILE" });

        Assert.Equal(["INITIATED", "PARSING", "FAILED"], states.Select(s => s.Status));
        Assert.Equal("EMPTY_FILE", states[^1].ParseResult!.ParseErrorReason);
    }

    [Fact]
    public void Finished_import_stays_as_it_is()
    {
        var finished = Walk(_plan)[^1];

        Assert.Same(finished, SandboxLifeCycle.Next(finished, _plan, _then.AddDays(1)));
    }

    private static LoyaltyImport Create() => SandboxLifeCycle.Create("i", "j", "a.csv", 100, "/a.csv", _then);

    private static List<LoyaltyImport> Walk(SandboxPlan plan)
    {
        List<LoyaltyImport> states = [Create()];
        while (SandboxLifeCycle.Next(states[^1], plan, _then.AddSeconds(states.Count)) is var next && next != states[^1])
        {
            states.Add(next);
        }

        return states;
    }
}
