using System.Threading.Tasks.Sources;

namespace VZaps.Gateway.Log;

/// <summary>
/// Wakes one waiting loop. Signals that come while it works are remembered as one: the loop looks at everything
/// again after each wake, so how often it was signalled does not matter. Allocates nothing per wait.
/// </summary>
/// <remarks><see cref="Set"/> may be called from anywhere; <see cref="WaitAsync"/> by one loop at a time.</remarks>
internal sealed class WakeSignal : IValueTaskSource
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    // Continuations are queued, never run inline: the one who signals is often the log's writer.
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private int _state;

    /// <summary>Wakes the loop, or spares it the next wait.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            _source.SetResult(true);
    }

    /// <summary>Completes when <see cref="Set"/> was called since the last wait ended.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled)
            return ValueTask.CompletedTask;
        _source.Reset();
        if (Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle)
            return new ValueTask(this, _source.Version);
        // Set between the two looks. A full fence, here and below: what the loop reads next must not be older than the signal.
        Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token)
    {
        _source.GetResult(token);
        Interlocked.Exchange(ref _state, Idle);
    }
}
