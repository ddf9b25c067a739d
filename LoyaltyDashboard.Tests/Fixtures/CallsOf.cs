using System.Threading.Channels;

namespace LoyaltyDashboard.Tests.Fixtures;

/// <summary>Takes calls and hands them on one by one to a test that waits for them.</summary>
public sealed class CallsOf<T>
{
    private readonly Channel<T> _calls = Channel.CreateUnbounded<T>();

    /// <summary>Whether a call has come that nobody has taken.</summary>
    public bool HasNext => _calls.Reader.TryPeek(out _);

    public Task NoteAsync(T call)
    {
        _calls.Writer.TryWrite(call);
        return Task.CompletedTask;
    }

    public ValueTask<T> NextAsync(CancellationToken cancellation) => _calls.Reader.ReadAsync(cancellation);
}
