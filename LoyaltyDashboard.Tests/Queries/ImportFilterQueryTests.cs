using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Queries;

public sealed class ImportFilterQueryTests
{
    private static readonly Gen<string> _text = ArbMap.Default.GeneratorFor<string>().Where(t => t is { Length: > 0 and <= 200 }).Select(WellFormed);
    private static readonly Gen<string> _time = Gen.Elements("-24h", "-7d", "-90m", "-0d", "-999999d", "2026-11-24", "2026-11-24T08:30Z", "2026-11-24T08:30:00+02:00", "2026-11-24T08:30:00.1234567Z");

    [Fact]
    public void Written_filter_is_read_back_the_same()
    {
        var asked =
            from sites in _text.ArrayOf(4)
            from filter in FilterGenerators.Filter(_text.NoneOr(), [.. sites.Distinct()], _time.NoneOr())
            from page in Gen.Choose(1, 1_000_000)
            from pageSize in Gen.Choose(1, 500)
            select (filter, page, pageSize);
        Prop.ForAll(asked.ToArbitrary(), expected =>
        {
            var (filter, page, pageSize) = expected;
            var read = ImportFilterQuery.Parse(ImportFilterQuery.Write(filter, page, pageSize));
            return read.Faults.Count == 0 && read.Cursor is null && (read.Filter, read.Page, read.PageSize) == (filter, page, pageSize);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Any_query_string_is_read_without_exception_and_gives_a_filter_that_can_be_written()
    {
        var rubbish = ArbMap.Default.GeneratorFor<string>().Select(t => t ?? string.Empty);
        var name = Gen.Frequency((4, Gen.Elements("q", "status", "result", "site", "from", "to", "mapping", "sort", "dir", "page", "pageSize", "cursor", "Status", "%71")), (1, rubbish));
        var value = Gen.Frequency(
            (3, Gen.Elements("", "%", "%zz", "%ff", "%ed%a0%80", "-", "-h", "-99999999999d", "-9999999d", "0", "-1", "1e3", "９", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-14:00", "IMPORTED", "imported", "clean", "asc")),
            (1, rubbish), (1, rubbish.Select(Uri.EscapeDataString)));
        var pair = name.SelectMany(n => value.Select(v => n + "=" + v));
        var query = Gen.OneOf(rubbish, pair.ListOf().Select(pairs => string.Join('&', pairs)), pair.ListOf().Select(pairs => "?" + string.Join('&', pairs)));
        Prop.ForAll(query.ToArbitrary(), text =>
        {
            var read = ImportFilterQuery.Parse(text);
            var again = ImportFilterQuery.Parse(ImportFilterQuery.Write(read.Filter, read.Page, read.PageSize));
            return again.Faults.Count == 0 && again.Filter == read.Filter && read.Page is >= 1 and <= 1_000_000 && read.PageSize is >= 1 and <= 500;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData("status=DONE", "status")]
    [InlineData("result=dirty", "result")]
    [InlineData("result=Clean", "result")]
    [InlineData("mapping=ok", "mapping")]
    [InlineData("mapping=3", "mapping")]
    [InlineData("mapping=healthy,broken", "mapping")]
    [InlineData("sort=id", "sort")]
    [InlineData("sort=1", "sort")]
    [InlineData("dir=up", "dir")]
    [InlineData("page=0", "page")]
    [InlineData("page=-1", "page")]
    [InlineData("page=1000001", "page")]
    [InlineData("page=1.0", "page")]
    [InlineData("pageSize=0", "pageSize")]
    [InlineData("pageSize=501", "pageSize")]
    [InlineData("pageSize=many", "pageSize")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=24h", "from")]
    [InlineData("from=-24y", "from")]
    [InlineData("from=2026-02-30", "from")]
    [InlineData("from=24.11.2026", "from")]
    [InlineData("to=2026-11-24T25:00:00Z", "to")]
    [InlineData("colour=red", "colour")]
    [InlineData("Status=IMPORTED", "Status")]
    [InlineData("colour=", "colour")]
    [InlineData("colour", "colour")]
    public void Value_or_name_that_is_not_known_is_one_fault_and_leaves_the_default(string query, string name)
    {
        var read = ImportFilterQuery.Parse(query);

        Assert.Equal([name], read.Faults.Select(f => f.Key));
        Assert.Equal((ImportFilter.Default, 1, 50), (read.Filter, read.Page, read.PageSize));
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(201, 1)]
    public void Search_text_may_have_200_characters(int length, int faults) => Assert.Equal(faults, ImportFilterQuery.Parse("q=" + new string('x', length)).Faults.Count);

    [Theory]
    [InlineData(100, 0)]
    [InlineData(101, 1)]
    public void Site_may_be_given_100_times(int count, int faults)
    {
        var read = ImportFilterQuery.Parse(string.Join('&', Enumerable.Range(0, count).Select(i => $"site=s{i}")));

        Assert.Equal((100, faults), (read.Filter.Sites.Count, read.Faults.Count));
    }

    [Fact]
    public void Faults_are_bounded_and_name_what_would_be_right()
    {
        var faults = ImportFilterQuery.Parse("sort=x&dir=x&" + string.Join('&', Enumerable.Range(0, 1_000).Select(i => $"n{i}=x"))).Faults;

        Assert.Equal(20, faults.Count);
        Assert.Equal("must be one of arrived, created, updated, status, file, size, rows, succeeded, failed, site", faults[0].Value);
    }

    [Fact]
    public void Name_cut_for_a_fault_stays_well_formed()
    {
        var fault = ImportFilterQuery.Parse(Uri.EscapeDataString(new string('n', 39) + "😀") + "=x").Faults.Single();

        Assert.Equal(WellFormed(fault.Key), fault.Key);
    }

    [Fact]
    public void Known_elsewhere_and_empty_values_are_no_faults()
    {
        var read = ImportFilterQuery.Parse("?format=csv&q=&status=&sort=", "format");

        Assert.Empty(read.Faults);
        Assert.Equal(ImportFilter.Default, read.Filter);
    }

    [Fact]
    public void Statuses_are_read_in_any_case_and_once_each() =>
        Assert.Equal([ImportStatus.Failed, ImportStatus.Unknown], ImportFilterQuery.Parse("status=failed&status=UNKNOWN&status=FAILED").Filter.Statuses);

    [Fact]
    public void Default_filter_is_written_as_nothing() => Assert.Equal(string.Empty, ImportFilterQuery.Write(ImportFilter.Default));

    [Fact]
    public void Filter_is_written_in_a_fixed_order() => Assert.Equal(
        "?q=a%26b&status=FAILED&result=with-failures&site=s1&from=-24h&to=2026-11-24&mapping=broken&sort=file&dir=asc&page=2&pageSize=100",
        ImportFilterQuery.Write(ImportFilterQuery.Parse("dir=asc&sort=file&mapping=broken&to=2026-11-24&from=-24h&site=s1&result=with-failures&status=FAILED&q=a%26b").Filter, 2, 100));

    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
