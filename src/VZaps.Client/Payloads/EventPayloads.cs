using VZaps.Client.Payloads;

namespace VZaps;

/// <summary>Typed payloads of events, and handlers that take them.</summary>
public static class EventPayloads
{
    /// <summary>The event's payload, read as its type has it.</summary>
    /// <typeparam name="TPayload">
    /// The payload of the event's type, such as <see cref="MessageEvent"/>; <see cref="EventPayload"/> for that of whatever type it is.
    /// </typeparam>
    /// <param name="received">The event.</param>
    /// <exception cref="VZapsPayloadException">The payload is not of that form; <see cref="VZapsPayloadException.JsonPath"/> says where.</exception>
    public static TPayload As<TPayload>(this VZapsEvent received)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(received);
        return PayloadTable.Read<TPayload>(received);
    }

    /// <summary>The event types that have a payload; for <see cref="EventPayload"/> itself, the nine known types.</summary>
    /// <typeparam name="TPayload">The payload, such as <see cref="MessageEvent"/>.</typeparam>
    public static IReadOnlyList<EventType> TypesOf<TPayload>()
        where TPayload : EventPayload => [.. PayloadTable.TypesOf<TPayload>()];

    /// <summary>
    /// Adds a handler for the events of the payload's type; with <see cref="EventPayload"/> itself, for those of the nine known types.
    /// </summary>
    /// <typeparam name="TPayload">The payload, such as <see cref="MessageEvent"/>.</typeparam>
    /// <param name="subscription">The subscription.</param>
    /// <param name="handler">Its token is cancelled when a close has waited for it for the close time-out.</param>
    /// <returns>The subscription.</returns>
    /// <remarks>
    /// A payload that does not fit counts as a handler that threw: <c>OnError</c> is given a <see cref="VZapsHandlerException"/> with the
    /// <see cref="VZapsPayloadException"/> in it, and the event is not acked and comes again, until it is a dead letter.
    /// </remarks>
    public static EventSubscription On<TPayload>(this EventSubscription subscription, Func<TPayload, VZapsEvent, CancellationToken, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(handler);
        foreach (var type in PayloadTable.TypesOf<TPayload>())
            subscription.On(type, (received, cancellationToken) => handler(received.As<TPayload>(), received, cancellationToken));
        return subscription;
    }

    /// <summary>Adds a handler that is given the event with its context: its consumer, which delivery it is, and the transaction of a store.</summary>
    /// <inheritdoc cref="On{TPayload}(EventSubscription, Func{TPayload, VZapsEvent, CancellationToken, Task})"/>
    public static EventSubscription OnEvent<TPayload>(this EventSubscription subscription, Func<TPayload, EventContext, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentNullException.ThrowIfNull(handler);
        foreach (var type in PayloadTable.TypesOf<TPayload>())
            subscription.OnEvent(type, context => handler(context.Event.As<TPayload>(), context));
        return subscription;
    }

    /// <inheritdoc cref="On{TPayload}(EventSubscription, Func{TPayload, VZapsEvent, CancellationToken, Task})"/>
    public static EventSubscription On<TPayload>(this EventSubscription subscription, Func<TPayload, CancellationToken, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        return subscription.On<TPayload>((payload, _, cancellationToken) => handler(payload, cancellationToken));
    }

    /// <inheritdoc cref="On{TPayload}(EventSubscription, Func{TPayload, VZapsEvent, CancellationToken, Task})"/>
    public static EventSubscription On<TPayload>(this EventSubscription subscription, Func<TPayload, Task> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        return subscription.On<TPayload>((payload, _, _) => handler(payload));
    }

    /// <inheritdoc cref="On{TPayload}(EventSubscription, Func{TPayload, VZapsEvent, CancellationToken, Task})"/>
    public static EventSubscription On<TPayload>(this EventSubscription subscription, Action<TPayload> handler)
        where TPayload : EventPayload
    {
        ArgumentNullException.ThrowIfNull(handler);
        return subscription.On<TPayload>((payload, _, _) =>
        {
            handler(payload);
            return Task.CompletedTask;
        });
    }
}
