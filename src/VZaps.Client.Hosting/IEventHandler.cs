namespace VZaps;

/// <summary>
/// Handles events of a subscription of the host. It is taken out of a new scope for each event, so what it injects may be scoped, such as a database context.
/// </summary>
/// <remarks>The event is acked when all its handlers have completed. One that throws is handed the event again later; <see cref="RejectEventException"/> makes it a dead letter.</remarks>
public interface IEventHandler
{
    /// <summary>Handles one event.</summary>
    /// <param name="context">The event, its consumer, and the token that is cancelled when the host's stop has waited for <see cref="VZapsClientOptions.CloseTimeout"/>.</param>
    Task HandleAsync(EventContext context);
}

/// <summary>Handles the events of one type of a subscription of the host, by their payload.</summary>
/// <typeparam name="TPayload">The payload, such as <see cref="MessageEvent"/>; <see cref="EventPayload"/> for those of all known types.</typeparam>
/// <remarks>As <see cref="IEventHandler"/>. A payload that does not fit counts as a handler that threw.</remarks>
public interface IEventHandler<in TPayload>
    where TPayload : EventPayload
{
    /// <summary>Handles one event.</summary>
    /// <param name="payload">What it says.</param>
    /// <param name="context">The event, its consumer, and the token that is cancelled when the host's stop has waited for <see cref="VZapsClientOptions.CloseTimeout"/>.</param>
    Task HandleAsync(TPayload payload, EventContext context);
}
