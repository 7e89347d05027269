using VZaps.Client.Configuration;
using VZaps.Client.Media;
using VZaps.Client.Realtime;
using VZaps.Client.Subscribing;

namespace VZaps;

/// <summary>
/// A subscription to one instance's events. Register handlers, then call <see cref="WaitClosedAsync"/> (or
/// <see cref="StartAsync"/>): until then nothing is dispatched and nothing acked, so nothing is lost.
/// </summary>
/// <remarks>
/// <para>Thread-safe. Handlers run one at a time in the order of the events, unless <see cref="EventSubscribeRequest.MaxConcurrency"/> lets the events of
/// different chats run side by side; the handlers of one event always run one after the other. They never run on the loop that reads the socket.
/// <c>OnOpen</c>, <c>OnClose</c>, <c>OnGap</c> and <c>OnError</c> callbacks run one at a time beside them; a connection's <c>OnOpen</c> callbacks finish
/// before its first event is handled, so they must not wait for an event. Any other callback that takes longer than 10 s is left to itself: the next one is called and runs beside it, and it is not
/// called again before it has returned; what it misses meanwhile is logged and counted. So an <c>OnError</c> that hangs is not told of the error that ends the subscription:
/// <see cref="WaitClosedAsync"/> throws it.</para>
/// <para>Delivery is at least once: an event may come again after a cut, so keep what you have processed by <see cref="VZapsEvent.Id"/>
/// where an effect must not happen twice.</para>
/// <para>What becomes of an event: all matching handlers finish: acked. One throws: the others still get it, it is not acked, <c>OnError</c> is
/// raised, the connection stays, the next event goes on, and this one comes again: after a delay that the SDK asks for where the server has the
/// extension, else by the server's redelivery. One throws <see cref="RejectEventException"/>, and none anything else: dead letter. No handler
/// matches: acked, with one warning in the log for its type. Still queued when the subscription closes: not acked.</para>
/// </remarks>
public sealed class EventSubscription : ISubscription
{
    private readonly HandlerTable _handlers = new();
    private readonly SubscriptionRun _run;

    internal EventSubscription(EventSubscribeRequest request, ClientSettings settings, RealtimeConnector connector, MediaAccess media)
    {
        IEventOrder order = request.MaxConcurrency > 1 ? new PartitionLines() : new SingleLine();
        _run = new SubscriptionRun(this, request, settings, connector, media, request.MaxConcurrency, order, parts => new HandlerWorkers(
            this, parts.Queue, NewProcessor(request.HandlerRetry, settings, parts), parts.Closing));
    }

    Task ISubscription.FirstOpen => _run.FirstOpen;

    Task ISubscription.Ended => _run.Ended;

    void ISubscription.Begin() => _run.Begin();

    Task ISubscription.CloseAsync() => CloseAsync();

    /// <summary>The connection that is open now, as the server introduced it; null while there is none.</summary>
    public ConnectionOpened? Connection => _run.Connection;

    /// <summary>Where the connection stands. It may be another by the time that you look at it.</summary>
    public SubscriptionState State => _run.State.Current;

    /// <summary>
    /// Raised for each change of <see cref="State"/>, in order, among the <c>On…</c> callbacks, so not before <see cref="StartAsync"/> or <see cref="WaitClosedAsync"/>.
    /// </summary>
    public event EventHandler<SubscriptionStateChangedEventArgs>? StateChanged
    {
        add => _run.Notices.AddStateChanged(value);
        remove => _run.Notices.RemoveStateChanged(value);
    }

    /// <summary>Completes when the state is reached, at once where it is that already; it may have changed again by the time that you go on.</summary>
    /// <param name="state">The state to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="VZapsException">The subscription has ended, or is closing, and will not be in that state any more: what ended it, where that was not asked for.</exception>
    /// <exception cref="InvalidOperationException">A handler waits for the end, which would wait for itself.</exception>
    public Task WaitForStateAsync(SubscriptionState state, CancellationToken cancellationToken = default)
    {
        if (state == SubscriptionState.Closed && HandlerScope.IsInside(this))
            throw new InvalidOperationException("A handler cannot wait for the end of its own subscription: the end waits for the handler.");
        return _run.State.WaitForAsync(state, cancellationToken);
    }

    /// <summary>
    /// Connects now: a wait for the next try ends, also one that the server asked for, and a connection that is open is closed and made anew, for example after
    /// the machine has changed its network. Handlers go on. It counts as no failure; while a connection is being made it does nothing, and so it does
    /// without <see cref="EventSubscribeRequest.Reconnect"/> while one is open.
    /// </summary>
    public void ReconnectNow() => _run.ReconnectNow();

    /// <summary>Adds a handler for a type, or for every event with <see cref="EventType.All"/>.</summary>
    /// <param name="type">The type; one of a newer server's can be had with <see cref="EventType.Parse(string)"/>.</param>
    /// <param name="handler">Its token is cancelled when a close has waited for it for the close time-out.</param>
    /// <returns>This subscription.</returns>
    /// <exception cref="ArgumentException">The type has no name.</exception>
    public EventSubscription On(EventType type, Func<VZapsEvent, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfNameless(type);
        _handlers.Add(type, handler);
        return this;
    }

    /// <inheritdoc cref="On(EventType, Func{VZapsEvent, CancellationToken, Task})"/>
    public EventSubscription On(EventType type, Func<VZapsEvent, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On(type, (received, _) => handler(received));
    }

    /// <inheritdoc cref="On(EventType, Func{VZapsEvent, CancellationToken, Task})"/>
    public EventSubscription On(EventType type, Action<VZapsEvent, CancellationToken> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On(type, (received, cancellationToken) =>
        {
            handler(received, cancellationToken);
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc cref="On(EventType, Func{VZapsEvent, CancellationToken, Task})"/>
    public EventSubscription On(EventType type, Action<VZapsEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return On(type, (received, _) => handler(received));
    }

    /// <summary>Adds a handler that takes the event with its context: its consumer, its delivery count and its cancellation.</summary>
    /// <param name="type">The type, or <see cref="EventType.All"/>; one of a newer server's can be had with <see cref="EventType.Parse(string)"/>.</param>
    /// <param name="handler">The handler; beside those of <c>On</c>, in the order of registration.</param>
    /// <returns>This subscription.</returns>
    /// <exception cref="ArgumentException">The type has no name.</exception>
    public EventSubscription OnEvent(EventType type, Func<EventContext, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfNameless(type);
        _handlers.Add(type, handler);
        return this;
    }

    /// <summary>Adds a callback for each opening of a connection, the first and every later one.</summary>
    /// <returns>This subscription.</returns>
    public EventSubscription OnOpen(Func<Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnOpen(_ => callback());
    }

    /// <inheritdoc cref="OnOpen(Func{Task})"/>
    public EventSubscription OnOpen(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnOpen((ConnectionOpened _) => callback());
    }

    /// <inheritdoc cref="OnOpen(Func{Task})"/>
    public EventSubscription OnOpen(Func<ConnectionOpened, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _run.Notices.AddOpen(callback);
        return this;
    }

    /// <inheritdoc cref="OnOpen(Func{Task})"/>
    public EventSubscription OnOpen(Action<ConnectionOpened> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnOpen(Completed(callback));
    }

    /// <summary>Adds a callback for each end of a connection that had been open.</summary>
    /// <returns>This subscription.</returns>
    public EventSubscription OnClose(Func<ConnectionClosed, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _run.Notices.AddClose(callback);
        return this;
    }

    /// <inheritdoc cref="OnClose(Func{ConnectionClosed, Task})"/>
    public EventSubscription OnClose(Action<ConnectionClosed> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnClose(Completed(callback));
    }

    /// <summary>
    /// Adds a callback for events that retention removed before they were read, where the server has the extension. Each gap is logged as a warning in any case.
    /// </summary>
    /// <returns>This subscription.</returns>
    public EventSubscription OnGap(Func<EventGap, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _run.Notices.AddGap(callback);
        return this;
    }

    /// <inheritdoc cref="OnGap(Func{EventGap, Task})"/>
    public EventSubscription OnGap(Action<EventGap> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnGap(Completed(callback));
    }

    /// <summary>
    /// Adds a callback for what goes wrong: a handler that threw (<see cref="VZapsHandlerException"/>), a connection that failed and is
    /// tried again, a message that could not be read, and the error that ends the subscription, save where an earlier call of it has not returned; <see cref="WaitClosedAsync"/> throws that one.
    /// </summary>
    /// <returns>This subscription.</returns>
    public EventSubscription OnError(Func<VZapsException, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        _run.Notices.AddError(callback);
        return this;
    }

    /// <inheritdoc cref="OnError(Func{VZapsException, Task})"/>
    public EventSubscription OnError(Action<VZapsException> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return OnError(Completed(callback));
    }

    /// <summary>Begins to dispatch events to the handlers; does nothing the second time. <see cref="WaitClosedAsync"/> does it too.</summary>
    /// <param name="cancellationToken">Checked before; it has no effect on the subscription.</param>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _run.Start();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Dispatches events until the subscription is closed. Completes without an exception after <see cref="CloseAsync"/>, and throws
    /// what ended the subscription otherwise.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancelling closes the subscription as <see cref="CloseAsync"/> does; the method then completes, without an exception, when it is closed.
    /// </param>
    /// <exception cref="VZapsAuthenticationException">A credential was refused, also after the access token was renewed.</exception>
    /// <exception cref="VZapsRealtimeException">
    /// The credential was revoked (close code 4001), the instance was deleted (4004) or is not there (handshake status 404), the retries are used up, or the
    /// connection ended and <see cref="EventSubscribeRequest.Reconnect"/> is off.
    /// </exception>
    /// <exception cref="InvalidOperationException">It was called from inside a handler, which would wait for itself.</exception>
    public async Task WaitClosedAsync(CancellationToken cancellationToken = default)
    {
        if (HandlerScope.IsInside(this))
            throw new InvalidOperationException("A handler cannot wait for the end of its own subscription: the end waits for the handler.");
        _run.Start();
        VZapsException? error;
        var asked = cancellationToken.UnsafeRegister(static run => ((SubscriptionRun)run!).Close(), _run);
        await using (asked.ConfigureAwait(false))
            error = await _run.Ended.ConfigureAwait(false);
        if (error is not null)
            throw error;
    }

    /// <summary>
    /// Closes the subscription: no further event is dispatched, the handler that is running finishes (for at most
    /// <see cref="VZapsClientOptions.CloseTimeout"/>) and its event is acked, and the socket is closed with 1000.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the close.</param>
    /// <returns>
    /// Completes when it is closed. From inside a handler or callback it completes at once, and the close follows when that returns.
    /// </returns>
    /// <remarks>Safe to call twice, at the same time, and from everywhere. It does not throw what ended the subscription.</remarks>
    public Task CloseAsync(CancellationToken cancellationToken = default)
    {
        _run.Close();
        return HandlerScope.IsInside(this) ? Task.CompletedTask : _run.Ended.WaitAsync(cancellationToken);
    }

    /// <summary>Closes the subscription, see <see cref="CloseAsync"/>.</summary>
    public ValueTask DisposeAsync() => new(CloseAsync());

    private EventProcessor NewProcessor(IHandlerRetryPolicy? retry, ClientSettings settings, TakerParts parts)
    {
        var history = new FailureHistory();
        var retrying = new HandlerRetrying(retry, history.Add, parts.Notices.Error, parts.Closing, settings.Time, parts.Logger);
        return new EventProcessor(
            new HandlerAttempts(_handlers, retrying, parts.Processed, parts.Names.Consumer), new FailureReports(history, parts.Notices, parts.Logger), parts.Settlement, parts.Names, parts.Notices,
            parts.Logger);
    }

    private static void ThrowIfNameless(EventType type)
    {
        if (type.Name.Length == 0)
            throw new ArgumentException($"The type has no name. Use one of: {EventType.Names}, All.", nameof(type));
    }

    /// <summary>A callback that has finished when it returns.</summary>
    private static Func<T, Task> Completed<T>(Action<T> callback) => given =>
    {
        callback(given);
        return Task.CompletedTask;
    };
}
