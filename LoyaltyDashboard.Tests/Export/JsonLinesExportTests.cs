using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using LoyaltyDashboard.Export;
using LoyaltyDashboard.Imports;
using LoyaltyDashboard.Queries;

namespace LoyaltyDashboard.Tests.Export;

public sealed class JsonLinesExportTests
{
    private static readonly ImportItem _item = new(new LoyaltyImport { Id = "grüße\n😀", Status = "IMPORTED" }, null, Rows.Then, new MappingReport(MappingVerdict.Unknown, []));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_item_is_one_line()
    {
        using var stream = new MemoryStream();
        await JsonLinesExport.WriteAsync(PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), Enumerable.Repeat(_item, 250).ToAsyncEnumerable(), Stop);

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n');

        Assert.Equal(251, lines.Length);
        Assert.Empty(lines[^1]);
        Assert.All(lines[..^1], line => Assert.Equal("""{"loyaltyImport":{"id":"grüße\n\uD83D\uDE00","status":"IMPORTED"},"arrivedAt":"2026-11-24T08:30:00.000Z","mapping":{"verdict":"unknown","findings":[]}}""", line));
    }

    [Fact]
    public async Task First_line_is_sent_before_the_second_item_is_read()
    {
        var pipe = new Pipe();
        var (gate, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        var write = JsonLinesExport.WriteAsync(pipe.Writer, Rows.Gated([_item, _item], gate.Task, ended), Stop);

        var first = await pipe.Reader.ReadAsync(Stop);

        Assert.EndsWith("\n", Encoding.UTF8.GetString(first.Buffer));
        Assert.False(write.IsCompleted);
        gate.SetResult();
        await write;
    }

    [Fact]
    public async Task Reader_that_goes_away_ends_the_query()
    {
        using var gone = new CancellationTokenSource();
        var ended = new TaskCompletionSource();
        var write = JsonLinesExport.WriteAsync(new Pipe().Writer, Rows.Gated([_item, _item], new TaskCompletionSource().Task, ended), gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.True(ended.Task.IsCompleted);
    }
}
