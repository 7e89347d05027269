namespace VZaps.Client.Subscribing;

/// <summary>The user's wish for a connection now.</summary>
/// <remarks>Thread-safe; one loop waits.</remarks>
internal sealed class ReconnectSignal
{
    private volatile TaskCompletionSource _asked = New();

    /// <summary>Completes with the next wish.</summary>
    public Task Asked => _asked.Task;

    public void Ask() => _asked.TrySetResult();

    /// <summary>The wish was granted, or there is nothing to grant.</summary>
    public void Clear()
    {
        if (_asked.Task.IsCompleted)
            _asked = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
