namespace VZaps.Gateway.Tests.Log.Faults;

/// <summary>Holds whoever flushes, makes, reads or deletes a file, before that has done anything.</summary>
internal sealed class FlushGate(Action removed) : IDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _opened = new();

    /// <summary>Completes when somebody waits at the gate.</summary>
    public Task Reached => _reached.Task;

    public void Open() => _opened.Set();

    public void Pass()
    {
        _reached.TrySetResult();
        _opened.Wait();
    }

    // Who still waits passes; the event has no handle that would have to be let go.
    public void Dispose()
    {
        removed();
        Open();
    }
}
