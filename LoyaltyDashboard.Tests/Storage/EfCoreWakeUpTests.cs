using System.Data.Common;
using LoyaltyDashboard.Storage;
using LoyaltyDashboard.Tests.Fixtures;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LoyaltyDashboard.Tests.Storage;

public sealed class EfCoreWakeUpTests : IDisposable
{
    private readonly TempDatabase _database = new();
    private readonly WatchedTime _time = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task Comes_a_second_after_the_doors()
    {
        await _database.SetUpAsync(Stop);
        var contexts = new HeldContexts(_database);
        contexts.LetGo();
        using var wakeUp = new EfCoreWakeUp(contexts, _time) { CpuTime = () => TimeSpan.Zero };

        await wakeUp.StartedAsync(Stop);
        await PassAsync(() => Assert.False(wakeUp.Awake.IsCompleted));
        await contexts.Question.IsAsked.WaitAsync(Stop);
        contexts.Question.LetGo();

        await wakeUp.Awake.WaitAsync(Stop);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(10)]
    public async Task Comes_later_while_the_process_takes_more_than_a_quarter_of_the_cores_and_after_ten_seconds_whatever_it_does(int seconds)
    {
        await _database.SetUpAsync(Stop);
        var contexts = new HeldContexts(_database);
        var (cpu, quarter) = (TimeSpan.Zero, TimeSpan.FromSeconds(1) * Environment.ProcessorCount / 4);
        using var wakeUp = new EfCoreWakeUp(contexts, _time) { CpuTime = () => cpu };
        await wakeUp.StartedAsync(Stop);
        for (var second = 0; second < seconds; second++)
        {
            await PassAsync(() =>
            {
                Assert.False(contexts.IsMaking.IsCompleted);
                cpu += quarter + TimeSpan.FromMilliseconds(1);
            });
        }

        if (seconds < 10)
        {
            // The last second is quiet enough.
            await PassAsync(() =>
            {
                Assert.False(contexts.IsMaking.IsCompleted);
                cpu += quarter;
            });
        }

        await contexts.IsMaking.WaitAsync(Stop);
    }

    [Fact]
    public async Task Stop_before_that_ends_it_at_once()
    {
        var contexts = new HeldContexts(_database);
        using var wakeUp = new EfCoreWakeUp(contexts, _time) { CpuTime = () => TimeSpan.Zero };
        await wakeUp.StartedAsync(Stop);

        await wakeUp.StoppingAsync(Stop);
        await wakeUp.StoppedAsync(Stop);

        await wakeUp.Awake.WaitAsync(Stop);
        Assert.False(contexts.IsMaking.IsCompleted);
    }

    [Fact]
    public async Task Stop_does_not_wait_for_what_needs_no_connection_and_no_question_follows()
    {
        await _database.SetUpAsync(Stop);
        var contexts = new HeldContexts(_database);
        using var wakeUp = new EfCoreWakeUp(contexts, _time) { CpuTime = () => TimeSpan.Zero };
        await wakeUp.StartedAsync(Stop);
        await PassAsync();
        await contexts.IsMaking.WaitAsync(Stop);

        await wakeUp.StoppingAsync(Stop);
        await wakeUp.StoppedAsync(Stop);

        contexts.LetGo();
        contexts.Question.LetGo();
        await wakeUp.Awake.WaitAsync(Stop);
        Assert.False(contexts.Question.IsAsked.IsCompleted);
    }

    [Fact]
    public async Task Stop_waits_for_a_question_that_has_a_connection_open()
    {
        await _database.SetUpAsync(Stop);
        var contexts = new HeldContexts(_database);
        contexts.LetGo();
        using var wakeUp = new EfCoreWakeUp(contexts, _time) { CpuTime = () => TimeSpan.Zero };
        await wakeUp.StartedAsync(Stop);
        await PassAsync();
        await contexts.Question.IsAsked.WaitAsync(Stop);

        await wakeUp.StoppingAsync(Stop);
        var stopped = wakeUp.StoppedAsync(Stop);
        Assert.False(stopped.IsCompleted);

        contexts.Question.LetGo();
        await stopped.WaitAsync(Stop);
    }

    // A second that is waited for, and what is done in it.
    private async Task PassAsync(Action? meanwhile = null)
    {
        await _time.SomebodyWaitsAsync(TimeSpan.FromSeconds(1), Stop);
        meanwhile?.Invoke();
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    // Makes a context when it is let.
    private sealed class HeldContexts(TempDatabase database) : IDbContextFactory<DashboardDb>
    {
        private readonly TaskCompletionSource _making = new();
        private readonly TaskCompletionSource _mayMake = new();

        public Task IsMaking => _making.Task;

        public HeldQuestion Question { get; } = new();

        public void LetGo() => _mayMake.TrySetResult();

        public DashboardDb CreateDbContext() => throw new NotSupportedException();

        public async Task<DashboardDb> CreateDbContextAsync(CancellationToken cancellationToken)
        {
            _making.TrySetResult();
            await _mayMake.Task;
            return new DashboardDb(new DbContextOptionsBuilder<DashboardDb>().UseSqlite(database.Connection.ConnectionString).AddInterceptors(Question).Options);
        }
    }

    private sealed class HeldQuestion : DbCommandInterceptor
    {
        private readonly TaskCompletionSource _asked = new();
        private readonly TaskCompletionSource _mayAsk = new();

        public Task IsAsked => _asked.Task;

        public void LetGo() => _mayAsk.TrySetResult();

        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            _asked.TrySetResult();
            await _mayAsk.Task;
            return result;
        }
    }
}
