using System.Collections.Concurrent;
using VZaps.Client.Configuration;
using VZaps.Client.Publishing;
using VZaps.Client.Realtime;

namespace VZaps;

/// <summary>Receives and publishes events.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class VZapsEvents
{
    private readonly ClientSettings _settings;
    private readonly RealtimeConnector _connector;
    private readonly EventPublisher _publisher;
    private readonly ConcurrentDictionary<EventSubscription, bool> _open = new();
    private volatile bool _closed;

    internal VZapsEvents(ClientSettings settings, RealtimeConnector connector, EventPublisher publisher) =>
        (_settings, _connector, _publisher) = (settings, connector, publisher);

    /// <summary>
    /// Subscribes to an instance's events and completes when the first connection is open: what is published after that
    /// reaches this subscription. Nothing is dispatched until <see cref="EventSubscription.WaitClosedAsync"/> or
    /// <see cref="EventSubscription.StartAsync"/>, so handlers are registered on what this returns.
    /// </summary>
    /// <param name="request">What to subscribe to.</param>
    /// <param name="cancellationToken">Gives up while the first connection is not open. Afterwards it has no effect.</param>
    /// <remarks>
    /// A first connection that fails is tried again like any later one, with the request's retries and delays (by default for ever; each
    /// failure is in the log), unless <see cref="EventSubscribeRequest.FailFast"/> is set or trying again cannot help.
    /// </remarks>
    /// <exception cref="ArgumentException">The request has something missing or wrong.</exception>
    /// <exception cref="VZapsAuthenticationException">A credential was refused.</exception>
    /// <exception cref="VZapsException">No connection could be made; the type says why.</exception>
    public async Task<EventSubscription> SubscribeAsync(EventSubscribeRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closed, typeof(VZapsClient));
        var subscription = new EventSubscription(request, _settings, _connector);
        subscription.Begin();
        _open.TryAdd(subscription, true);
        if (_closed)
        {
            // The client was disposed in this moment, and may not have seen it.
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(VZapsClient));
        }

        _ = subscription.Ended.ContinueWith(
            (_, ended) => _open.TryRemove((EventSubscription)ended!, out bool _), subscription,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await subscription.FirstOpen.WaitAsync(cancellationToken).ConfigureAwait(false);
            return subscription;
        }
        catch
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Appends events to an instance's log: all of them or none. They are durable when this completes.</summary>
    /// <exception cref="ArgumentException">The request has something missing or wrong.</exception>
    /// <exception cref="VZapsApiException">The server refused it; <see cref="VZapsApiException.Index"/> names the event.</exception>
    /// <exception cref="VZapsException">
    /// Another failure; the type says why. Whether the events were kept is then not known: with idempotency keys it is safe to try again.
    /// </exception>
    public Task<PublishResult> PublishAsync(EventPublishRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _publisher.PublishAsync(request, cancellationToken);
    }

    internal Task CloseAllAsync()
    {
        _closed = true;
        return Task.WhenAll(_open.Keys.Select(subscription => subscription.CloseAsync()));
    }
}
