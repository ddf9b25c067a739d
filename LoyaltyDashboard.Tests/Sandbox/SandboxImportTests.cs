using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Sandbox;

namespace LoyaltyDashboard.Tests.Sandbox;

public sealed class SandboxImportTests
{
    private static readonly DateTimeOffset _then = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);

    private static readonly SandboxImport _import = new(
        "imported", "site", SandboxLifeCycle.Create("i", "j", "a.csv", 100, "/a.csv", _then),
        new(["email", "points"], [new() { ColumnName = "EMAIL", ColumnIndex = 0 }, new() { ColumnName = "POINTS", ColumnIndex = 1 }], [new() { Values = ["a@b.co", "5"] }], Rows: 100, Failures: 20, ParseError: null),
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)));

    [Theory]
    [InlineData(-60, "INITIATED", "1", 0)]
    [InlineData(0, "INITIATED", "1", 0)]
    [InlineData(1.999, "INITIATED", "1", 0)]
    [InlineData(2, "PARSING", "2", 2)]
    [InlineData(4.999, "PARSING", "2", 2)]
    [InlineData(5, "PARSED", "3", 5)]
    [InlineData(14.999, "PARSED", "3", 5)]
    [InlineData(15, "IMPORTING", "4", 15)]
    [InlineData(34.999, "IMPORTING", "4", 15)]
    [InlineData(35, "IMPORTED", "5", 35)]
    [InlineData(1e6, "IMPORTED", "5", 35)]
    public void State_follows_from_the_time_alone(double after, string status, string revision, double updated)
    {
        var state = _import.At(_then.AddSeconds(after));

        Assert.Equal((status, revision, (DateTimeOffset?)_then.AddSeconds(updated), (DateTimeOffset?)_then), (state.Status, state.Revision, state.UpdatedDate, state.CreatedDate));
        Assert.Equal(updated >= 5 ? 100 : null, state.ParseResult?.ParsedRowCount);
        Assert.Equal(status == "IMPORTED" ? (80, 20, true) : (null, null, false), (state.ImportResult!.SuccessCount, state.ImportResult.FailureCount, state.ImportResult.ErrorFileExists!.Value));
    }

    [Fact]
    public void Import_is_of_one_of_the_sites_that_it_may_be_of()
    {
        var inventor = new ImportInventor(3);
        var among = ImportInventor.Sites.Take(1).ToList();

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(among[0].InstanceId, inventor.Create(ScenarioCatalog.Find("importing")!, _then, among).InstanceId));
    }

    [Fact]
    public void Import_that_nobody_executes_waits_for_ever()
    {
        var waiting = _import with { Pace = _import.Pace with { ToExecute = null } };

        Assert.Equal("PARSED", waiting.At(DateTimeOffset.MaxValue).Status);
        Assert.Null(waiting.Reaches(ImportStatus.Imported));
    }

    [Fact]
    public void Import_that_cannot_be_parsed_fails_when_its_file_is_read()
    {
        var bad = _import with { Plan = _import.Plan with { ParseError = "EMPTY_FILE" } };

        Assert.Equal(["PARSING", "FAILED", "FAILED"], new[] { 4.9, 5, 1e6 }.Select(after => bad.At(_then.AddSeconds(after)).Status));
        Assert.Equal("EMPTY_FILE", bad.At(_then.AddSeconds(5)).ParseResult!.ParseErrorReason);
    }

    [Fact]
    public void Counts_grow_with_revisions_of_their_own_while_rows_are_written()
    {
        var counting = _import with { Pace = _import.Pace with { CountEvery = TimeSpan.FromSeconds(5) } };

        var states = new[] { 15, 19.9, 20, 25, 30, 34.9, 35 }.Select(after => counting.At(_then.AddSeconds(after)));

        Assert.Equal(
            ["IMPORTING 4 15 ", "IMPORTING 4 15 ", "IMPORTING 5 20 20", "IMPORTING 6 25 40", "IMPORTING 7 30 60", "IMPORTING 7 30 60", "IMPORTED 8 35 80"],
            states.Select(s => $"{s.Status} {s.Revision} {(s.UpdatedDate!.Value - _then).TotalSeconds} {s.ImportResult!.SuccessCount}"));
    }

    [Fact]
    public void State_before_is_one_revision_lower_down_to_the_first()
    {
        var counting = _import with { Pace = _import.Pace with { CountEvery = TimeSpan.FromSeconds(5) } };

        var state = counting.At(_then.AddHours(1));
        for (var revision = 8; revision > 1; revision--)
        {
            Assert.Equal($"{revision}", state.Revision);
            state = counting.Before(state);
        }

        Assert.Equal(("1", "1"), (state.Revision, counting.Before(state).Revision));
    }

    [Fact]
    public void Scenarios_go_where_their_names_say()
    {
        var inventor = new ImportInventor(3);
        foreach (var scenario in ScenarioCatalog.All.Where(s => s.IsImport))
        {
            for (var i = 0; i < 50; i++)
            {
                var import = inventor.Create(scenario, _then);
                Assert.True(import.IsWhole());
                Assert.Equal("INITIATED 1", $"{import.At(_then).Status} {import.At(_then).Revision}");
                var after = import.At(_then.AddSeconds(100));
                Assert.Equal((scenario.Name, _after100Seconds.GetValueOrDefault(scenario.Name, "IMPORTED")), (scenario.Name, after.Status));
                Assert.Equal(scenario.Name is "partial-failures" or "huge-file" or "bad-points", after.ImportResult!.ErrorFileExists);
                Assert.Equal(scenario.Name == "failed-parsing", after.ParseResult?.ParseErrorReason is not null);
                Assert.Equal((scenario.Name, Verdict(scenario.Name)), (scenario.Name, MappingHealth.Judge(after).Verdict));
            }
        }
    }

    [Fact]
    public void Import_being_imported_shows_growing_counts_for_long()
    {
        var import = new ImportInventor(3).Create(ScenarioCatalog.Find("importing")!, _then);

        var counts = Enumerable.Range(6, 80).Select(i => import.At(_then.AddSeconds(i * 10)).ImportResult!.SuccessCount ?? 0).ToList();

        Assert.Equal(counts.Order(), counts);
        Assert.True(counts.Distinct().Count() > 70);
    }

    private static readonly Dictionary<string, string> _after100Seconds = new()
    {
        ["initiated"] = "INITIATED",
        ["parsing"] = "PARSING",
        ["parsed"] = "PARSED",
        ["importing"] = "IMPORTING",
        ["failed-parsing"] = "FAILED",
        ["swapped-mapping"] = "PARSED",
        ["missing-mapping"] = "PARSED",
    };

    private static MappingVerdict Verdict(string scenario) => scenario switch
    {
        "swapped-mapping" or "missing-mapping" => MappingVerdict.Broken,
        "bad-points" => MappingVerdict.Suspicious,
        "initiated" or "parsing" or "failed-parsing" => MappingVerdict.Unknown,
        _ => MappingVerdict.Healthy,
    };
}
