using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class PiecewiseReadTests : IDisposable
{
    private readonly TempDatabase _database = new();
    private readonly QuestionGate _gate = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.Dispose();
        _database.Dispose();
    }

    [Fact]
    public async Task Question_that_would_never_end_ends_when_it_is_given_up()
    {
        await _database.SetUpAsync(Stop);
        await using var read = await PiecewiseRead.OpenAsync(_database.Contexts, _gate, "i.Id", Stop);
        var hasBegun = new TaskCompletionSource();
        ((SqliteConnection)read.Database.Database.GetDbConnection()).CreateFunction("begun", () =>
        {
            hasBegun.TrySetResult();
            return 0L;
        });
        var endless = read.Database.Database.SqlQueryRaw<long>("WITH RECURSIVE n(Value) AS (SELECT begun() UNION ALL SELECT Value + 1 FROM n) SELECT MAX(Value) AS Value FROM n");
        using var gone = new CancellationTokenSource();
        var question = Task.Run(() => read.RowIdsAsync(endless, gone.Token), Stop);
        await hasBegun.Task;

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);
        Assert.All(Enumerable.Range(0, Math.Max(2, Environment.ProcessorCount)), _ => Assert.True(_gate.EnterAsync(Stop).IsCompletedSuccessfully));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8_192)]
    [InlineData(20_000)]
    public void Queue_gives_every_id_once_in_order(int count)
    {
        var queue = new RowIdQueue();
        for (var i = 0; i < count; i++)
        {
            queue.Add(i * 3L);
        }

        List<long> taken = [];
        while (queue.Count > 0)
        {
            var next = queue.Peek(100);
            Assert.InRange(next.Length, 1, 100);
            // Not always all that was shown.
            var part = Math.Max(1, next.Length - (taken.Count % 7));
            taken.AddRange(next.Span[..part]);
            queue.Take(part);
        }

        Assert.Equal(Enumerable.Range(0, count).Select(i => i * 3L), taken);
        Assert.Equal(0, queue.Peek(1).Length);
    }
}
