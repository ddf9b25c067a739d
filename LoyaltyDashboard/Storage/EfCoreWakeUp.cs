using Microsoft.EntityFrameworkCore;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Makes beside the open doors what the first page would wait for: EF Core's model, and what it compiles for a first question. That takes longer than all the rest of a start. A stop does not wait for
/// it, only for the question itself, which has a connection open.
/// </summary>
public sealed class EfCoreWakeUp(IDbContextFactory<DashboardDb> databases, TimeProvider time) : IHostedLifecycleService, IDisposable
{
    // Whatever comes to the doors first goes before it, and so does a burst that waited for the start: it would be slower by a core. Whoever waits for this one needs an end all the same.
    private static readonly TimeSpan _doorsFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _busy = _doorsFirst * Environment.ProcessorCount / 4;
    private const int MostWaits = 10;

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task _asking = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>Time that the process has taken on all cores.</summary>
    internal Func<TimeSpan> CpuTime { get; init; } = () => Environment.CpuUsage.TotalTime;

    /// <summary>Ends when questions are quick, or never will be: there was a fault, or the program stops. Known once the program has started.</summary>
    public Task Awake { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Awake = Task.Run(WakeUpAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        Task asking;
        lock (_gate)
        {
            (asking, _isStopped) = (_asking, true);
        }

        await asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WakeUpAsync()
    {
        try
        {
            await LetDoorsGoFirstAsync();
            await using var database = await databases.CreateDbContextAsync(_stopping.Token);
            var question = database.Sites.AsNoTracking().OrderBy(site => site.RowId).Select(site => site.RowId).Take(1);

            // Makes the model and compiles the question. The connection is opened with the first row.
            await AskAsync(question.AsAsyncEnumerable().GetAsyncEnumerator(_stopping.Token));
        }
        catch (Exception)
        {
            // The first page will meet the same fault and say so; or the program ends.
        }
    }

    private async Task LetDoorsGoFirstAsync()
    {
        TimeSpan before;
        var waits = 0;
        do
        {
            before = CpuTime();
            await Task.Delay(_doorsFirst, time, _stopping.Token);
        }
        while (++waits < MostWaits && CpuTime() - before > _busy);
    }

    private Task AskAsync(IAsyncEnumerator<long> rows)
    {
        lock (_gate)
        {
            return _isStopped ? Task.CompletedTask : _asking = Task.Run(() => ReadAsync(rows), CancellationToken.None);
        }
    }

    private static async Task ReadAsync(IAsyncEnumerator<long> rows)
    {
        await using (rows)
        {
            _ = await rows.MoveNextAsync();
        }
    }
}
