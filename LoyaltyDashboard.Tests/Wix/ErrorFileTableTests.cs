using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Wix;

namespace LoyaltyDashboard.Tests.Wix;

public sealed class ErrorFileTableTests
{
    private static readonly SearchValues<char> _quoted = SearchValues.Create(",;\t\"\r\n");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public void Rows_written_by_RFC_4180_come_back(char delimiter)
    {
        // A cell is what a text file can hold: no lone surrogates, no sign that is no letter.
        var cell = Gen.OneOf(ArbMap.Default.GeneratorFor<string>().Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? string.Empty)).Replace('\uFFFF', ' ')), Gen.Elements("", "\"", ",", ";", "\t", "\r\n", "\n", " ", "#", "a\"b", "é😀"));
        var files =
            from width in Gen.Choose(2, 6)
            from rows in cell.ArrayOf(width).ListOf()
            from end in Gen.Elements("\r\n", "\n")
            from mark in Gen.Elements("", "\uFEFF")
            select (Rows: rows.Take(ErrorFileTable.MostRows).ToList(), Headings: Enumerable.Range(0, width).Select(i => $"h{i}").ToList(), end, mark);
        Prop.ForAll(files.ToArbitrary(), given =>
        {
            var text = given.mark + string.Concat(((IEnumerable<IReadOnlyList<string>>)[given.Headings, .. given.Rows]).Select(row => string.Join(delimiter, row.Select(Quote)) + given.end));
            var table = Read(text);
            return table.Headings.SequenceEqual(given.Headings) && table.RowCount == given.Rows.Count && !table.BreaksOff
                && table.Rows.Select(row => row.Cells).SequenceEqual(given.Rows, Comparer.Instance);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Any_bytes_give_a_table_that_keeps_the_limits() => Prop.ForAll(
        Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte[]>(),
            Gen.Elements("\"", ",", ";", "\t", "\n", "\r", "\0", "#", "reason", "é", "\uFEFF", "\uFFFF", "a").ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)))).ToArbitrary(),
        bytes =>
        {
            var table = Read(bytes);
            return table.Rows.Count <= table.RowCount && table.RowsWithReason == table.Reasons.Sum(reason => reason.Count) + table.OtherReasonCount && table.Headings.Count <= ErrorFileTable.MostColumns;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Reasons_are_counted_over_all_rows_and_ranked()
    {
        var text = new StringBuilder("email,points,Error reason\n");
        for (var i = 0; i < 500; i++)
        {
            text.Append($"a{i}@example.com,5,{(i % 5 == 0 ? "Bad points" : i % 50 == 1 ? " " : "No such contact")}\n");
        }

        var table = Read(text.ToString());

        Assert.Equal((500, 200, 2, 490), (table.RowCount, table.Rows.Count, table.ReasonColumn, table.RowsWithReason));
        Assert.Equal([new("No such contact", 390), new("Bad points", 100)], table.Reasons);
        Assert.Equal([("Bad points", "a0@example.com"), (null, "a1@example.com"), ("No such contact", "a2@example.com")], table.Rows.Take(3).Select(row => (row.Reason, row.Cells[0])));
    }

    [Fact]
    public void Rows_far_down_are_kept_for_the_reasons_that_have_few()
    {
        var table = Read("row,reason\n" + string.Concat(Enumerable.Repeat("0,\n", 200)) + string.Concat(Enumerable.Range(0, 50).Select(i => $"{i},a\n")) + "7,b\n");

        Assert.Equal(200, table.Rows.Count);
        Assert.Equal(Enumerable.Range(0, ErrorFileTable.MostRowsOfReason).Select(i => $"{i}"), table.RowsOf("a").Select(row => row.Cells[0]));
        Assert.Equal(["7"], table.RowsOf("b").Select(row => row.Cells[0]));
    }

    [Fact]
    public void Reasons_given_as_often_are_in_the_order_of_their_letters() =>
        Assert.Equal(["A", "b", "é"], Read("reason\né\nb\nA\n").Reasons.Select(reason => reason.Text));

    [Fact]
    public void Reasons_beyond_the_limit_are_counted_together()
    {
        var table = Read("row,reason\n" + string.Concat(Enumerable.Range(0, 1_300).Select(i => $"{i},reason {i}\n{i},reason 0\n")));

        Assert.Equal((1_000, 300, 2_600), (table.Reasons.Count, table.OtherReasonCount, table.RowsWithReason));
        Assert.Equal(new("reason 0", 1_301), table.Reasons[0]);
    }

    [Theory]
    [InlineData("email,REASON", 1)]
    [InlineData("Failure,email", 0)]
    [InlineData("failed because,email", 0)]
    [InlineData("message,error,reason", 2)]
    [InlineData("message,error", 1)]
    [InlineData("failure,message", 1)]
    [InlineData("reason code,error reason", 1)]
    [InlineData("error code,error message", 1)]
    [InlineData("reason,reason", 0)]
    [InlineData("email,points", null)]
    [InlineData("", null)]
    public void Reason_column_is_the_one_whose_heading_speaks_of_it_best(string headings, int? column) => Assert.Equal(column, Read(headings + "\n1,2,3\n").ReasonColumn);

    [Theory]
    [InlineData("a;b;c\n1,5;2;3\n", "1,5|2|3")]
    [InlineData("a\tb\n1;5\t2\n", "1;5|2")]
    [InlineData("\"a;b;c;d\",e\n1,2\n", "1|2")]
    [InlineData("\n\na;b\n1;2\n", "1|2")]
    [InlineData("a\r1\r", "1")]
    [InlineData("a\n1;2\n", "1;2")]
    [InlineData("a,b\n1\n", "1")]
    [InlineData("a,b\n1,2,3\n", "1|2|3")]
    [InlineData("a,b\n\n\n1,2", "1|2")]
    [InlineData("a,b\n,\n", "|")]
    [InlineData("a,b\n#1,2\n", "#1|2")]
    [InlineData("a,b\n\"x\"y,2\n", "xy|2")]
    [InlineData("a,b\nx\"y\",2\n", "x\"y\"|2")]
    public void Files_that_people_and_programs_write_are_read(string text, string firstRow) => Assert.Equal(firstRow, string.Join('|', Read(text).Rows[0].Cells));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("a,b\n")]
    [InlineData("\uFEFF")]
    public void File_without_rows_is_a_table_without_rows(string text)
    {
        var table = Read(text);

        Assert.Equal((0, 0, false), (table.RowCount, table.Rows.Count, table.BreaksOff));
    }

    [Fact]
    public void UTF_16_with_a_mark_is_read() => Assert.Equal("né", Read([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("a,reason\n1,né\n")]).Rows[0].Reason);

    [Fact]
    public void Bytes_that_are_no_UTF_8_become_signs_and_hurt_nothing_else() => Assert.Equal("caf\uFFFD", Read([.. "a,reason\n1,caf"u8, 0xE9, .. "\n"u8]).Rows[0].Reason);

    [Fact]
    public void Quote_that_is_never_closed_is_told_and_what_came_before_stays()
    {
        var table = Read("a,reason\n1,first\n2,\"second\n" + string.Concat(Enumerable.Repeat("3,third\n", 100_000)));

        Assert.Equal((1, true), (table.RowCount, table.BreaksOff));
        Assert.Equal([new("first", 1)], table.Reasons);
    }

    [Fact]
    public void Long_cells_and_reasons_are_cut_and_never_inside_a_letter()
    {
        var table = Read($"a,reason\n{new string('x', 1_999)}😀y,{new string('r', 299)}😀s\n");

        Assert.Equal(new string('x', 1_999) + "…", table.Rows[0].Cells[0]);
        Assert.Equal(new string('r', 299) + "…", table.Reasons[0].Text);
    }

    [Fact]
    public void Wide_rows_are_cut_and_their_width_is_known()
    {
        var table = Read(string.Join(',', Enumerable.Range(0, 150).Select(i => $"h{i}")) + "\n" + new string(',', 499) + "\n");

        Assert.Equal((100, 100, 500), (table.Headings.Count, table.Rows[0].Cells.Count, table.ColumnCount));
    }

    [Fact]
    public void Rows_full_of_text_are_kept_only_as_far_as_a_page_can_hold_them()
    {
        var table = Read("a,reason\n" + string.Concat(Enumerable.Repeat(string.Join(',', Enumerable.Repeat(new string('x', 1_500), 20)) + "\n", 100)));

        Assert.Equal(100, table.RowCount);
        Assert.InRange(table.Rows.Sum(row => row.Cells.Sum(cell => cell.Length)), 1, 300_000);
    }

    [Fact]
    public async Task Fault_of_the_stream_comes_through()
    {
        await using var file = new Breaking(Encoding.UTF8.GetBytes("a,reason\n" + new string('x', 100_000)));

        await Assert.ThrowsAsync<ErrorFileException>(() => ErrorFileTable.ReadAsync(file, null, null, Stop));
    }

    [Fact]
    public async Task Rows_that_are_left_out_are_neither_shown_nor_counted()
    {
        const string text = "email,reason\nann@example.com,Not found\nbob@example.com,No\ncyd@example.com,No,more,cells ann@example.com\n";
        var table = await ErrorFileTable.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), null, cell => cell.Contains("ann@", StringComparison.Ordinal), Stop);

        Assert.Equal((1, 2, 1), (table.RowCount, table.ColumnCount, table.RowsWithReason));
        Assert.Equal(["bob@example.com", "No"], Assert.Single(table.Rows).Cells);
        Assert.Equal("No", Assert.Single(table.Reasons).Text);
    }

    [Fact]
    public async Task First_line_that_is_left_out_is_no_heading()
    {
        var table = await ErrorFileTable.ReadAsync(new MemoryStream("ann@example.com,reason\nbob@example.com,No\n"u8.ToArray()), null, cell => cell.StartsWith("ann@", StringComparison.Ordinal), Stop);

        Assert.Empty(table.Headings);
        Assert.Null(table.ReasonColumn);
        Assert.Equal(["bob@example.com", "No"], Assert.Single(table.Rows).Cells);
    }

    private static string Quote(string cell) => cell.AsSpan().ContainsAny(_quoted) ? "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : cell;

    private static ErrorFileTable Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static ErrorFileTable Read(byte[] bytes)
    {
        var reading = ErrorFileTable.ReadAsync(new MemoryStream(bytes), null, null, Stop);
        return reading.GetAwaiter().GetResult();
    }

    private sealed class Comparer : IEqualityComparer<IReadOnlyList<string>>
    {
        public static readonly Comparer Instance = new();

        public bool Equals(IReadOnlyList<string>? x, IReadOnlyList<string>? y) => x!.SequenceEqual(y!);

        public int GetHashCode(IReadOnlyList<string> obj) => obj.Count;
    }

    /// <summary>Breaks where the bytes end.</summary>
    private sealed class Breaking(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new ErrorFileException(ErrorFileFault.TooLarge, "Too large.");
    }
}
