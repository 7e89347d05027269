using System.Diagnostics.CodeAnalysis;

namespace VZaps.Client.Subscribing;

/// <summary>A flag that goes up once: as a token for what can be cancelled, and as a task for what waits.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Whoever was given the token may still use it; the source holds nothing.")]
internal sealed class CloseSignal
{
    private readonly CancellationTokenSource _source = new();
    private readonly TaskCompletionSource _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CloseSignal() => Token = _source.Token;

    public CancellationToken Token { get; }

    public Task Raised => _raised.Task;

    public bool IsRaised => _raised.Task.IsCompleted;

    /// <summary>Raises it; nothing that waits for it runs on the caller's stack.</summary>
    public void Raise()
    {
        if (_raised.TrySetResult())
            _ = _source.CancelAsync();
    }
}
