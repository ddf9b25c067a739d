using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using static LoyaltyDashboard.Imports.MappingVerdict;

namespace LoyaltyDashboard.Tests.Imports;

public sealed class MappingHealthTests
{
    private static readonly string[] _columns = ["name", "surname", "email", "points"];

    /// <summary>Label, file, verdict, codes. Header and rows are written as CSV without quoting; a mapping as EMAIL=2.</summary>
    public static TheoryData<string, Csv, MappingVerdict, string> Corpus { get; } = new()
    {
        { "healthy", File("EMAIL=2 POINTS=3"), Healthy, "" },
        { "healthy, mapping in the other order", File("POINTS=3 EMAIL=2"), Healthy, "" },
        { "healthy, mail in scripts", File("EMAIL=0 POINTS=1", "mail,points", "jürgen@bücher.example,5", "用户@例子.中国,6"), Healthy, "" },
        { "healthy, punycode", File("EMAIL=0 POINTS=1", "mail,points", "x@xn--bcher-kva.example,5"), Healthy, "" },
        { "healthy, no samples", File("EMAIL=2 POINTS=3", "name,surname,email,points"), Healthy, "" },
        { "healthy, only blank samples", File("EMAIL=0 POINTS=1", "email,points", ",", ","), Healthy, "" },
        { "healthy, no header", File("EMAIL=0 POINTS=1", null, "a@b.co,5"), Healthy, "" },
        { "healthy, blank heading", File("EMAIL=0 POINTS=1", ",", "a@b.co,5"), Healthy, "" },
        { "healthy, rows longer than the header", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,5,x,y"), Healthy, "" },
        { "healthy, zero points", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,0"), Healthy, "" },
        { "healthy, blank row between", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,5", ",", "c@d.co,6"), Healthy, "" },
        { "swapped", File("EMAIL=3 POINTS=2"), Broken, "swapped" },
        { "swapped, one odd row", File("EMAIL=1 POINTS=0", "email,points", "a@b.co,5", "c@d.co,6", "e@f.co,n/a"), Broken, "swapped" },
        { "swapped, cells with blanks around", File("EMAIL=1 POINTS=0", "email,points", " a@b.co , 5 "), Broken, "swapped" },
        { "swapped, no header", File("EMAIL=1 POINTS=0", null, "a@b.co,5"), Broken, "swapped" },
        { "off by one", File("EMAIL=3 POINTS=4", "name,surname,email,points,note", "Ann,Lee,a@b.co,5,x", "Bob,Ray,c@d.co,6,y"), Broken, "email-none-fits points-none-fits" },
        { "mail off by one", File("EMAIL=1 POINTS=3"), Broken, "email-none-fits" },
        { "points off by one", File("EMAIL=2 POINTS=1"), Broken, "points-none-fits" },
        { "index outside the header", File("EMAIL=2 POINTS=4"), Broken, "outside-header" },
        { "both outside the header", File("EMAIL=9 POINTS=10"), Broken, "outside-header outside-header" },
        { "index outside the rows, no header", File("EMAIL=0 POINTS=2", null, "a@b.co,5"), Broken, "outside-header" },
        { "negative index", File("EMAIL=-1 POINTS=3"), Broken, "outside-header" },
        { "negative index, nothing to judge by", File("EMAIL=-1 POINTS=3", null), Broken, "outside-header" },
        { "index beyond 32 bits", File("EMAIL=2 POINTS=4294967299"), Broken, "outside-header" },
        { "mapped twice", File("EMAIL=2 EMAIL=1 POINTS=3"), Broken, "mapped-twice" },
        { "mapped twice to one column", File("EMAIL=2 POINTS=3 POINTS=3"), Broken, "mapped-twice" },
        { "points missing", File("EMAIL=2"), Broken, "not-mapped" },
        { "mail missing", File("POINTS=3"), Broken, "not-mapped" },
        { "points missing, nothing to judge by", File("EMAIL=2", null), Broken, "not-mapped" },
        { "only an unknown field", File("NAME=0"), Broken, "not-mapped not-mapped unknown-field" },
        { "no index", File("EMAIL=2 POINTS="), Broken, "no-index" },
        { "same column", File("EMAIL=2 POINTS=2"), Broken, "same-column" },
        { "same column, nothing to judge by", File("EMAIL=2 POINTS=2", null), Broken, "same-column" },
        { "no mail fits", File("EMAIL=0 POINTS=1", "email,points", "ann,5", "bob,6"), Broken, "email-none-fits" },
        { "mail empty everywhere", File("EMAIL=0 POINTS=1", "email,points", ",5", ",6"), Broken, "email-none-fits" },
        { "decimals", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,5.50", "c@d.co,6.00"), Broken, "points-none-fits" },
        { "thousand separators", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,1'200", "c@d.co,2 400"), Broken, "points-none-fits" },
        { "scientific", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,1E+05"), Broken, "points-none-fits" },
        { "currency", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,€50"), Broken, "points-none-fits" },
        { "one decimal", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,5.50", "c@d.co,6"), Suspicious, "points-cells" },
        { "one scientific", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,1E+05", "c@d.co,6"), Suspicious, "points-cells" },
        { "one currency", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,$5", "c@d.co,6"), Suspicious, "points-cells" },
        { "one negative", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,-5", "c@d.co,6"), Suspicious, "points-cells" },
        { "leading apostrophe before points", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,'5", "c@d.co,6"), Suspicious, "points-cells" },
        { "blank before mail", File("EMAIL=0 POINTS=1", "email,points", " a@b.co,5", "c@d.co,6"), Suspicious, "email-cells" },
        { "one wrong mail", File("EMAIL=0 POINTS=1", "email,points", "ann(at)b.co,5", "c@d.co,6"), Suspicious, "email-cells" },
        { "empty mail", File("EMAIL=0 POINTS=1", "email,points", ",5", "c@d.co,6"), Suspicious, "email-empty" },
        { "blank points", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,  ", "c@d.co,6"), Suspicious, "points-empty" },
        { "short row", File("EMAIL=2 POINTS=3", "name,surname,email,points", "Ann,Lee,a@b.co,5", "Bob,Ray"), Suspicious, "email-empty points-empty" },
        { "wrong and empty", File("EMAIL=0 POINTS=1", "email,points", "a@b.co,x", "c@d.co,", "e@f.co,7"), Suspicious, "points-cells points-empty" },
        { "no heading row", File("EMAIL=0 POINTS=1", "a@b.co,5", "c@d.co,6"), Suspicious, "no-heading-row" },
        { "no heading row and swapped", File("EMAIL=1 POINTS=0", "a@b.co,5", "c@d.co,6"), Broken, "swapped no-heading-row" },
        { "a third field", File("EMAIL=2 POINTS=3 NAME=0"), Suspicious, "unknown-field" },
        { "a mapping without a name", File("EMAIL=2 POINTS=3 =0"), Suspicious, "unknown-field" },
        { "nothing to judge by", File("EMAIL=2 POINTS=3", null), Unknown, "" },
        { "no mapping", File(""), Unknown, "" },
    };

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Verdict_and_codes_of_a_labelled_file(string label, Csv file, MappingVerdict verdict, string codes)
    {
        var report = MappingHealth.Judge(file.ToImport());

        Assert.Equal((label, verdict, codes), (label, report.Verdict, string.Join(' ', report.Findings.Select(f => f.Code))));
    }

    [Fact]
    public void Import_without_anything_is_unknown()
    {
        Assert.Equal(Unknown, MappingHealth.Judge(new LoyaltyImport { Id = "x" }).Verdict);
        Assert.Equal(Unknown, MappingHealth.Judge(new LoyaltyImport { Id = "x", FileMetadata = new FileMetadata { HeaderMappingInfo = new HeaderMappingInfo() } }).Verdict);
    }

    [Fact]
    public void Message_counts_columns_from_one_and_names_the_heading()
    {
        var finding = MappingHealth.Judge(File("EMAIL=1 POINTS=3").ToImport()).Findings.Single();

        Assert.Equal("EMAIL is mapped to column 2 \"surname\", where none of the 2 sample cells looks like e-mail addresses.", finding.Message);
        Assert.Equal(1, finding.ColumnIndex);
    }

    [Fact]
    public void Finding_outside_the_header_says_how_wide_the_header_is() =>
        Assert.Equal("POINTS is mapped to column 5, but the header has 4.", MappingHealth.Judge(File("EMAIL=2 POINTS=4").ToImport()).Findings.Single().Message);

    [Fact]
    public void Findings_that_break_stand_before_those_that_do_not() =>
        Assert.Equal("not-mapped", MappingHealth.Judge(File("EMAIL=0", "a@b.co,5", "c@d.co,6").ToImport()).Findings[0].Code);

    [Fact]
    public void Permuting_the_two_mapped_columns_of_a_healthy_import_breaks_it()
    {
        var healthy =
            from width in Gen.Choose(2, 8)
            from rows in Gen.Choose(1, 5)
            from email in Gen.Choose(0, width - 1)
            from shift in Gen.Choose(1, width - 1)
            from points in Gen.Choose(0, 100_000).ArrayOf(rows)
            select Table(width, rows, email, (email + shift) % width, points);
        Prop.ForAll(healthy.ToArbitrary(), table =>
        {
            var (email, points, header, lines) = table;
            var straight = MappingHealth.Judge(new Csv($"EMAIL={email} POINTS={points}", header, lines).ToImport());
            var permuted = MappingHealth.Judge(new Csv($"EMAIL={points} POINTS={email}", header, lines).ToImport());
            return straight.Verdict == Healthy && permuted.Verdict == Broken && permuted.Findings[0].Code == "swapped";
        }).QuickCheckThrowOnFailure();
    }

    private static (int Email, int Points, string Header, string[] Lines) Table(int width, int rows, int email, int points, int[] balances) => (
        email, points, string.Join(',', Enumerable.Range(0, width).Select(i => $"heading {i}")),
        [.. Enumerable.Range(0, rows).Select(row => string.Join(',', Enumerable.Range(0, width).Select(i => i == email ? $"member{row}@example.com" : i == points ? balances[row].ToString() : $"text {i}")))]);

    private static Csv File(string mapping) => new(mapping, string.Join(',', _columns), ["Ann,Lee,ann@example.com,120", "Bob,Ray,bob@example.com,7"]);

    private static Csv File(string mapping, string? header, params string[] rows) => new(mapping, header, rows);

    /// <summary>A file and its mapping in short hand.</summary>
    public sealed record Csv(string Mapping, string? Header, string[] Rows)
    {
        public LoyaltyImport ToImport() => new()
        {
            Id = "import",
            FileMetadata = new FileMetadata
            {
                Header = Header is null ? null : new FileHeader { Values = Header.Split(',') },
                HeaderMappingInfo = new HeaderMappingInfo { HeaderMappings = [.. Mapping.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ToMapping)] },
                SampleDataRows = [.. Rows.Select(row => new SampleDataRow { Values = row.Split(',') })],
            },
        };

        private static ColumnMapping ToMapping(string text)
        {
            var (name, index) = (text.Split('=')[0], text.Split('=')[1]);
            return new ColumnMapping { ColumnName = name.Length == 0 ? null : name, ColumnIndex = index.Length == 0 ? null : long.Parse(index) };
        }
    }
}
