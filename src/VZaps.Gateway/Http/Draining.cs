namespace VZaps.Gateway.Http;

/// <summary>Whether the gateway is on its way out: not ready, and taking no new connection. Thread-safe.</summary>
internal sealed class DrainState : IDisposable
{
    private readonly CancellationTokenSource _draining = new();

    public bool IsDraining => _draining.IsCancellationRequested;

    /// <summary>Cancelled when the drain begins.</summary>
    public CancellationToken Token => _draining.Token;

    /// <summary>When a refused client may try again: by then a restart is mostly over.</summary>
    public TimeSpan RetryAfter { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Begins the drain; further calls do nothing.</summary>
    public void Begin() => _draining.Cancel();

    public void Dispose() => _draining.Dispose();
}
