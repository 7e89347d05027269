using System.Runtime.CompilerServices;
using VZaps.Client.Configuration;
using VZaps.Client.Media;
using VZaps.Client.Publishing;
using VZaps.Client.Realtime;
using VZaps.Client.Subscribing;

namespace VZaps;

/// <summary>Receives and publishes events.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class VZapsEvents
{
    private readonly ClientSettings _settings;
    private readonly RealtimeConnector _connector;
    private readonly EventPublisher _publisher;
    private readonly MediaAccess _media;
    private readonly OpenSubscriptions _open = new();

    internal VZapsEvents(ClientSettings settings, RealtimeConnector connector, EventPublisher publisher, MediaAccess media) =>
        (_settings, _connector, _publisher, _media) = (settings, connector, publisher, media);

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
        _open.ThrowIfClosed();
        var subscription = new EventSubscription(await ResumedAsync(request, cancellationToken).ConfigureAwait(false), _settings, _connector, _media);
        await _open.OpenAsync(subscription, cancellationToken).ConfigureAwait(false);
        return subscription;
    }

    /// <summary>
    /// Subscribes to an instance's events and gives them out one after the other, in the order in which the connection brings them. Each is to be answered:
    /// <see cref="EventDelivery.AckAsync"/> when it is handled. Nothing is acked that you did not ack.
    /// </summary>
    /// <param name="request">What to subscribe to.</param>
    /// <param name="cancellationToken">
    /// Closes the stream: no further event is given out, what is out may still be answered (for at most <see cref="VZapsClientOptions.CloseTimeout"/>), and the
    /// enumeration ends with an <see cref="OperationCanceledException"/>.
    /// </param>
    /// <remarks>
    /// <para>The connection is made when the enumeration begins, and each enumeration has its own. Leaving the loop closes it; what was not answered by then
    /// is owed and comes again.</para>
    /// <para>An event may be answered later, after others were taken, and from other threads: to handle many at a time, or to ack them after one write to
    /// a database. Up to <see cref="VZapsClientOptions.MaxQueuedEvents"/> wait unread here, and the server sends as many ahead of their acks as its window has.</para>
    /// <para>Connections that fail are made again as with <see cref="SubscribeAsync"/>; that is in the log, and no exception.</para>
    /// <para>The body of a plain <c>await foreach</c> over what this returns may dispose the client: that call returns at once, what the body holds may still be answered, and then the loop ends without
    /// an exception. Where something stands in between, such as <c>Parallel.ForEachAsync</c> or a LINQ operator, cancel the token instead. From elsewhere, disposing the client waits until what is out was answered, for at most <see cref="VZapsClientOptions.CloseTimeout"/>.</para>
    /// </remarks>
    /// <exception cref="ArgumentException">The request has something missing or wrong; thrown at once.</exception>
    /// <exception cref="VZapsAuthenticationException">A credential was refused; while enumerating.</exception>
    /// <exception cref="VZapsException">The stream ended and is not made again; the type says why. While enumerating.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; while enumerating.</exception>
    public IAsyncEnumerable<EventDelivery> StreamAsync(EventSubscribeRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        _open.ThrowIfClosed();
        SubscriptionTarget.From(request, _settings);
        return new PulledEvents(loop => PullAsync(loop, request, cancellationToken));
    }

    /// <summary>Appends events to an instance's log, or one event with its file: all of them or none. They are durable when this completes.</summary>
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

    internal Task CloseAllAsync() => _open.CloseAllAsync();

    private async IAsyncEnumerable<EventDelivery> PullAsync(
        PullLoop loop, EventSubscribeRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var stream = new EventStream(
            loop, await ResumedAsync(request, cancellationToken).ConfigureAwait(false), _settings, _connector, _media);
        await using (stream.ConfigureAwait(false))
        {
            await _open.OpenAsync(stream, cancellationToken).ConfigureAwait(false);
            await foreach (var delivery in stream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return delivery;
        }
    }

    /// <summary>The request with the cursor that its store has.</summary>
    private async ValueTask<EventSubscribeRequest> ResumedAsync(EventSubscribeRequest request, CancellationToken cancellationToken)
    {
        if (request.CursorStore is not { } store || !string.IsNullOrEmpty(request.LastEventId))
            return request;
        var key = SubscriptionTarget.From(request, _settings).CursorKeyAt(_settings.Realtime);
        return request with { LastEventId = await store.LoadAsync(key, cancellationToken).ConfigureAwait(false) };
    }
}
