namespace VZaps;

/// <summary>An event with its handlers: what <see cref="EventSubscription.OnEvent"/> hands to them.</summary>
/// <remarks>One for all handlers of an attempt. Thread-safe.</remarks>
public sealed class EventContext
{
    internal EventContext(VZapsEvent received, string consumer, CancellationToken cancellationToken) =>
        (Event, Consumer, CancellationToken) = (received, consumer, cancellationToken);

    /// <summary>The event.</summary>
    public VZapsEvent Event { get; }

    /// <summary>The consumer as which it is read: whose ack the handlers' success will be.</summary>
    public string Consumer { get; }

    /// <summary>Which delivery of the event this is, as <see cref="VZapsEvent.DeliveryCount"/> counts them.</summary>
    public int DeliveryCount => Event.DeliveryCount;

    /// <summary>Is cancelled when a close has waited for the handlers for <see cref="VZapsClientOptions.CloseTimeout"/>.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What <see cref="EventSubscribeRequest.ProcessedEvents"/> began for this attempt, for handlers that write into it; null without a store.</summary>
    public IProcessedEventTransaction? Transaction { get; internal set; }

    /// <summary>Type and id of the event; never the payload.</summary>
    public override string ToString() => Event.ToString();
}
