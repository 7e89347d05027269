using System.Collections.Concurrent;

namespace VZaps.Client.Subscribing;

/// <summary>The subscriptions of a client that have not ended; they are closed with it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class OpenSubscriptions
{
    private readonly ConcurrentDictionary<ISubscription, bool> _open = new();
    private volatile bool _closed;

    /// <summary>Begins a subscription and completes when its first connection is open.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="VZapsException">No connection could be made. The subscription is closed then, and so it is when the wait is cancelled.</exception>
    public async Task OpenAsync(ISubscription subscription, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        subscription.Begin();
        _open.TryAdd(subscription, true);
        if (_closed)
        {
            // The client was disposed in this moment, and may not have seen it.
            await subscription.DisposeAsync().ConfigureAwait(false);
            ThrowIfClosed();
        }

        _ = subscription.Ended.ContinueWith(
            (_, ended) => _open.TryRemove((ISubscription)ended!, out bool _), subscription,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await subscription.FirstOpen.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(VZapsClient));

    public Task CloseAllAsync()
    {
        _closed = true;
        return Task.WhenAll(_open.Keys.Select(subscription => subscription.CloseAsync()));
    }
}
