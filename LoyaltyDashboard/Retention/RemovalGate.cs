namespace LoyaltyDashboard.Retention;

/// <summary>One removal at a time: two that go through the same rows would only undo each other's notes of how far they have come.</summary>
public sealed class RemovalGate : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>Waits until no other runs; disposing lets the next one in.</summary>
    internal async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        return new Place(_gate);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private sealed class Place(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
