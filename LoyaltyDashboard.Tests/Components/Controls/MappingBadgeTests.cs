using Bunit;
using LoyaltyDashboard.Components.Controls;
using LoyaltyDashboard.Imports;

namespace LoyaltyDashboard.Tests.Components.Controls;

public sealed class MappingBadgeTests : ComponentTests
{
    private static readonly string[] _headings = ["name", "email", "points"];
    private static readonly string[][] _rows = [["Ann", "ann@example.com", "120"], ["Bob", "bob@example.com", "35"], ["Eve", "eve@example.com", "7"]];
    private static readonly (string?, long?)[] _mapped = [("EMAIL", 1), ("POINTS", 2)];

    /// <summary>One import for each reason that a mapping can be faulted for, the list's word for it, and whether it breaks the import.</summary>
    private static readonly (string Code, string Word, bool Breaks, LoyaltyImport Import)[] _faults =
    [
        ("swapped", "Swapped", true, Import(_headings, _rows, ("EMAIL", 2), ("POINTS", 1))),
        ("not-mapped", "Not mapped", true, Import(_headings, _rows, ("EMAIL", 1))),
        ("mapped-twice", "Mapped twice", true, Import(_headings, _rows, ("EMAIL", 1), ("EMAIL", 0), ("POINTS", 2))),
        ("same-column", "Mapped twice", true, Import(_headings, _rows, ("EMAIL", 1), ("POINTS", 1))),
        ("outside-header", "No column", true, Import(_headings, _rows, ("EMAIL", 9), ("POINTS", 2))),
        ("no-index", "No column", true, Import(_headings, _rows, ("EMAIL", null), ("POINTS", 2))),
        ("email-none-fits", "E-mail", true, Import(_headings, _rows, ("EMAIL", 0), ("POINTS", 2))),
        ("points-none-fits", "Points", true, Import(_headings, _rows, ("EMAIL", 1), ("POINTS", 0))),
        ("email-cells", "E-mail", false, Import(_headings, [.. _rows, ["Joe", "no address", "1"]], _mapped)),
        ("points-cells", "Points", false, Import(_headings, [.. _rows, ["Joe", "joe@example.com", "1.5"]], _mapped)),
        ("email-empty", "E-mail", false, Import(_headings, [.. _rows, ["Joe", "", "1"]], _mapped)),
        ("points-empty", "Points", false, Import(_headings, [.. _rows, ["Joe", "joe@example.com", ""]], _mapped)),
        ("no-heading-row", "No headings", false, Import(["Zoe", "zoe@example.com", "9"], _rows, _mapped)),
        ("unknown-field", "Suspicious", false, Import(_headings, _rows, [.. _mapped, ("NAME", 0)])),
    ];

    public static TheoryData<string> Codes => new(_faults.Select(f => f.Code));

    [Theory]
    [MemberData(nameof(Codes))]
    public void MappingBadge_EveryFinding_HasIconWordAndTone(string code)
    {
        var (_, word, breaks, import) = _faults.Single(f => f.Code == code);
        var report = MappingHealth.Judge(import);

        var badge = Render<MappingBadge>(p => p.Add(c => c.Verdict, report.Verdict).Add(c => c.FirstFinding, report.Findings[0].Code)).Find(".status");

        Assert.Equal(code, report.Findings[0].Code);
        Assert.Equal(word, badge.TextContent);
        Assert.Contains(breaks ? "tone-failed" : "tone-partial", badge.ClassList);
        Assert.NotEmpty(badge.QuerySelector("svg")!.InnerHtml.Trim());
        Assert.StartsWith($"Mapping {report.Verdict.ToString().ToLowerInvariant()}: ", badge.GetAttribute("title"), StringComparison.Ordinal);
        Assert.DoesNotContain("see the import", badge.GetAttribute("title")!, StringComparison.Ordinal);
    }

    [Fact]
    public void MappingBadge_Healthy_IsOk()
    {
        var badge = Render<MappingBadge>(p => p.Add(c => c.Verdict, MappingHealth.Judge(Sample.Import).Verdict)).Find(".status");

        Assert.Equal("OK", badge.TextContent);
        Assert.Contains("tone-done", badge.ClassList);
    }

    [Fact]
    public void MappingBadge_Unknown_IsADashThatSaysWhy() =>
        Assert.Equal("No mapping to judge yet", Render<MappingBadge>(p => p.Add(c => c.Verdict, MappingVerdict.Unknown)).Find("span").GetAttribute("title"));

    [Theory]
    [InlineData(MappingVerdict.Suspicious, null)]
    [InlineData(MappingVerdict.Broken, null)]
    [InlineData(MappingVerdict.Broken, "a-code-of-a-later-version")]
    public void MappingBadge_NoWordForTheReason_SaysTheVerdict(MappingVerdict verdict, string? code) =>
        Assert.Equal(verdict.ToString(), Render<MappingBadge>(p => p.Add(c => c.Verdict, verdict).Add(c => c.FirstFinding, code)).Find(".status").TextContent);

    private static LoyaltyImport Import(string[] headings, string[][] rows, params (string? Field, long? Column)[] mappings) => new()
    {
        Id = "1",
        FileMetadata = new()
        {
            Header = new() { Values = headings },
            SampleDataRows = [.. rows.Select(row => new SampleDataRow { Values = row })],
            HeaderMappingInfo = new() { HeaderMappings = [.. mappings.Select(m => new ColumnMapping { ColumnName = m.Field, ColumnIndex = m.Column })] },
        },
    };
}
