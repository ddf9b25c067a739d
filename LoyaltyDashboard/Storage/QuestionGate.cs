using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace LoyaltyDashboard.Storage;

/// <summary>
/// Lets as many questions to the database run at once as there are cores. SQLite answers on the thread that asks; those beyond wait without a thread, so that a hundred
/// slow searches leave the doors theirs.
/// </summary>
public sealed class QuestionGate : DbCommandInterceptor, IDisposable
{
    private readonly SemaphoreSlim _places = new(Math.Max(2, Environment.ProcessorCount));

    // By command: a wait that was given up never held a place.
    private readonly ConcurrentDictionary<Guid, byte> _asking = new();

    /// <summary>Takes a place for a question that EF Core does not ask.</summary>
    /// <returns>The place; disposing it gives it back.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        return new Place(_places);
    }

    /// <inheritdoc/>
    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        _places.Wait();
        _asking.TryAdd(eventData.CommandId, 0);
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await _places.WaitAsync(cancellationToken);
        _asking.TryAdd(eventData.CommandId, 0);
        return result;
    }

    /// <inheritdoc/>
    public override InterceptionResult DataReaderDisposing(DbCommand command, DataReaderDisposingEventData eventData, InterceptionResult result)
    {
        Leave(eventData.CommandId);
        return result;
    }

    /// <inheritdoc/>
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Leave(eventData.CommandId);

    /// <inheritdoc/>
    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Leave(eventData.CommandId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override void CommandCanceled(DbCommand command, CommandEndEventData eventData) => Leave(eventData.CommandId);

    /// <inheritdoc/>
    public override Task CommandCanceledAsync(DbCommand command, CommandEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Leave(eventData.CommandId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private void Leave(Guid commandId)
    {
        if (_asking.TryRemove(commandId, out _))
        {
            _places.Release();
        }
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
